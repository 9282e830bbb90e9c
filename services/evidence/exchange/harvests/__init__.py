"""A harvest brings in what another library shows by OAI-PMH, and keeps up with it."""
