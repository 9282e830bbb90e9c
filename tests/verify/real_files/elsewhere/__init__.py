"""Programs that run in the environment of tools.lock, and print what a library of others reads, as JSON."""
