"""A harvested record is what a source says about one item, which becomes an item of this library."""
