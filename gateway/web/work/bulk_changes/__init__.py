"""Many items changed at once: chosen, previewed, confirmed, followed."""
