"""`/staff/guides/{id}`: handing a guide to a reviewer, returning and publishing it, and what follows publication."""
