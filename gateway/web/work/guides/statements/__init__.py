"""`/staff/guides/{id}/statements`: writing one statement, its evidence, its place in the guide."""
