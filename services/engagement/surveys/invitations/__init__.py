"""Invitations: single-use tokens, each of which lets one person of a stakeholder group answer a survey once."""
