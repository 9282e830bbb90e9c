"""Participation: what people may receive for taking part, and what they claim."""
