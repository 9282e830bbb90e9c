"""Formats with a tag at the beginning of each line: RIS, MEDLINE, EndNote and Web of Science."""
