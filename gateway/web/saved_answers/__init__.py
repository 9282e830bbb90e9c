"""The answers of a form that somebody has begun, kept for a day: also when their session ends meanwhile."""
