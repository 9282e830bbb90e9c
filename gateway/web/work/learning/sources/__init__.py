"""`/staff/learning/{id}/sources`: whether a piece still holds although a source of it has changed."""
