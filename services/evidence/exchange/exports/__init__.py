"""An export is a file of published evidence in a format that other programs read."""
