"""Additions are works that come into the library in bulk: from files, and from other libraries."""
