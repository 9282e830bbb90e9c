"""The queue of evidence requests that wait for an answer, and who is looking for it."""
