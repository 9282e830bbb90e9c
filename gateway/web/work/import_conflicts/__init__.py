"""Fields in which a file or a repository says something else than the item that it matched: an editor decides."""
