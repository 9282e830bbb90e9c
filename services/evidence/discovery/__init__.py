"""Discovery: how evidence is found, what is missing, and whose evidence is used."""
