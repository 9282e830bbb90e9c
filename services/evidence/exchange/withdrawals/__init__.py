"""A withdrawal takes an import back: what nobody has touched since, in the background."""
