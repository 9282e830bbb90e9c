"""An import is a file of references on its way into the library, and what became of each of its records."""
