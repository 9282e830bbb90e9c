"""The programme: the whole budget, by year."""
