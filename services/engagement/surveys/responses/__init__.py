"""A response: one person's answers, kept without a trace of whose they are."""
