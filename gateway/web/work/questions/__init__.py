"""Questions from the front line, as an editor answers them."""
