"""Parts of a demonstration alone: files to import, and a simulated bank."""
