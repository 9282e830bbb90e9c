"""Writers of published items in the formats that other programs read."""
