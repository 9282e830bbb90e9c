"""What only a demonstration uses: files to import, and a simulated bank."""
