"""Taking an import back: first what would go and what would stay, then doing it."""
