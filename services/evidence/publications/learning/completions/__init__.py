"""A completion: the record that somebody finished a learning piece, seen only by them until they certify it."""
