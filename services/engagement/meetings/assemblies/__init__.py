"""An assembly: a meeting of different groups, in a place or online, that opens once its money is reserved."""
