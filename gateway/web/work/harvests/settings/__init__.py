"""What becomes of the records of a repository, how often it is harvested, and ending that."""
