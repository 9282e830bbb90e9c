"""All real files through a platform and out again, field by field, as the readers of others have them."""
