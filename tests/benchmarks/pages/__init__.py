"""The pages as people use them: how many, how large and how fast."""
