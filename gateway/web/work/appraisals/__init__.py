"""Appraisals: what waits for an appraiser, opening one, and how far two people agree."""
