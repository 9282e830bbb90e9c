"""How soon questions are answered, and what became of the answers."""
