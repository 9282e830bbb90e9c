"""HTTP: pages, entity tags, caching and the description of the API."""
