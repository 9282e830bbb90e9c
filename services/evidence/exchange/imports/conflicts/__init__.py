"""A conflict is a field in which an imported record differs from the item that it matched: an editor decides."""
