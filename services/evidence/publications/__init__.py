"""Publications: what the centre writes from the library, with its sources."""
