"""Responses: people's answers to surveys, stored without a trace of whose they are."""
