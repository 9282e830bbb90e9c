"""A harvest brings in the records of another library by OAI-PMH, and keeps up with their changes."""
