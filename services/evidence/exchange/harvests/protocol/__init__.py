"""How a source is asked by OAI-PMH 2.0, and what its answers and records say."""
