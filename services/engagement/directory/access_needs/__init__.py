"""Access needs: what a person needs to take part, asked once, encrypted at rest."""
