"""A bulk change is one decision about many groups of duplicates or many items: previewed, confirmed, then made."""
