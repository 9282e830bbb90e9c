"""Exchange: evidence in and out of the library, in the formats of other systems."""
