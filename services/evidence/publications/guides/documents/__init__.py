"""The document that a guide is written as: its statements, citations and confidence, and what makes it complete."""
