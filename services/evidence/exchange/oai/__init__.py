"""What other libraries harvest of this one, by OAI-PMH 2.0."""
