"""A reject is a record of a file that could not be read, and what became of it once it was corrected and sent again."""
