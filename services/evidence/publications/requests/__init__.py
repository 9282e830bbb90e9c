"""An evidence request: a question from the front line, answered by staff with evidence items and guides."""
