"""The edge: authentication, rate limits and proxying of every request."""
