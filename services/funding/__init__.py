"""Participation funding: the budget, what people may be paid for taking part, their claims, and every penny of it."""
