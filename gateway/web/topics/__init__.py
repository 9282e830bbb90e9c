"""Topics: their priority and how it was reached, what is known of them, and what is not."""
