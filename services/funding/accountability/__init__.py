"""Accountability: what shows that the money is where the records say."""
