"""The line of sight: the thread from a voice to a change in practice, walked both ways."""
