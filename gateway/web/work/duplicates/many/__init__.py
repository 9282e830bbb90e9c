"""One decision about many groups of duplicates: a preview, its confirmation, and what became of each."""
