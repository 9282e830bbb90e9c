"""The search index of a process: what is in it, how it is kept up to date, and how it is searched."""
