"""Rate cards: the involvement rates of each day."""
