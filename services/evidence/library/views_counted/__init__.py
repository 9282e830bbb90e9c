"""How often items of each way of knowing were shown in search results, and opened."""
