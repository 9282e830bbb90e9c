"""Schemes: purposes within the programme, each with a cap that the database enforces."""
