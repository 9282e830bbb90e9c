"""What the sector said about topics: scores of surveys, and mentions at assemblies and in evidence requests."""
