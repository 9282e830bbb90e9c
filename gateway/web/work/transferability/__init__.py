"""Judgements of an item for another place: would it work there, and what would it need?"""
