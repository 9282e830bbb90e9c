"""What only a demonstration has: files to import, and a bank that answers."""
