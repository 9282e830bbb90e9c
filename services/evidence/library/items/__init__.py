"""An item is one piece of evidence in one way of knowing."""
