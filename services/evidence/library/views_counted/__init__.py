"""What is seen: how often items of each way of knowing were shown in a search, and opened."""
