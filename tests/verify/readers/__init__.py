"""The platform's exports, read by other programs."""
