"""What is known: research, lived experience and practice knowledge as equals, and what they led to."""
