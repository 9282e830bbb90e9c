"""What only a demonstration uses: a library to plant, files to import, a client of the API, a simulated bank."""
