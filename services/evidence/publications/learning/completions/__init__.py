"""A completion: the record that somebody finished a learning piece, theirs alone until they show a certificate."""
