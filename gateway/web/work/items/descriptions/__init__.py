"""Write an item, and change what it says."""
