"""The coverage of a topic: what is known of it and by whom, which questions wait, and what is missing."""
