"""How files are laid out and names chosen, where no linter checks it."""
