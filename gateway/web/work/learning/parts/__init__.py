"""What a learning piece has several of, each on a page of its own: questions, things to watch or listen to."""
