"""Partners' API clients and their keys."""
