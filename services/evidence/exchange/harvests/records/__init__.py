"""A harvested record is what a source says of one item, from its identifier on to the item here."""
