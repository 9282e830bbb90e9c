"""BibTeX and biblatex. An entry ends where the next begins, so an unclosed brace costs one entry and no more."""
