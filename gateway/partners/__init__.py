"""API clients: the programs of partner organisations, and the keys by which they call the API."""
