"""Whoever means harm, with a fixed seed: what they do, they do the same in every run."""
