"""The front page: what the library holds, what the sector wants first, how to take part."""
