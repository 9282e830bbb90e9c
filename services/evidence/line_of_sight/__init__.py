"""The line of sight is the recorded thread from a voice to a change in practice."""
