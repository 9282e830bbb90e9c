"""Statistics that the centre can defend: whose evidence is used, and how soon a question is answered."""
