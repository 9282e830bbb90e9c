"""A survey: questions put to the sector, open for a time."""
