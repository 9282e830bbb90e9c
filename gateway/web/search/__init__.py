"""Search: what is known, in the three ways of knowing side by side."""
