"""Doubts about answers: what they cite was withdrawn, retracted or is being looked at, and what editors decide."""
