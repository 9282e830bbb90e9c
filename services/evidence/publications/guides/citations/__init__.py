"""The citations of a guide's published edition, and their flags."""
