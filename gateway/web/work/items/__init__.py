"""The items of the library, as an evidence editor keeps them."""
