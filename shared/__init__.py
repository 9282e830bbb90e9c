"""The library that the services stand on; it knows none of them."""
