"""The coverage of a topic: what is known of it and by whom, what is asked and has no answer, and what is missing."""
