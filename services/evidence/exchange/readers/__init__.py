"""One file for each format: how its records are cut out of a stream of bytes, and what each of them says."""
