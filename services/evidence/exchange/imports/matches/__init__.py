"""A match is a record of a work that the library has: it fills what the item lacks, and conflicts are offered."""
