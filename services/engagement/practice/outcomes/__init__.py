"""Outcomes: what a support project changed in practice, measured."""
