"""Rates: what an hour, half a day and a day of taking part are worth, by dated rate cards."""
