"""Meetings: where people of different groups meet, and who took part."""
