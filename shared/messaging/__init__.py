"""Messaging: from the outbox to the handlers, at least once and in order per key."""
