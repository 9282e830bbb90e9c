"""A group of duplicates is two or more works that may be one: found by comparing, decided by a person."""
