"""HTTP: pages, entity tags, caching, conditional requests and the OpenAPI document."""
