"""An export is published evidence on its way out: in the formats that other programs read, and as citations."""
