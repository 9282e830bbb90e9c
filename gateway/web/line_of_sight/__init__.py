"""The line of sight: from a voice to a change in practice, as a picture and as a list."""
