"""The coverage of a topic: what is known about it and by whom, which questions wait, and what is missing."""
