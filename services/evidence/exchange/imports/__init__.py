"""An import is a file of references on its way into the library, and an account of what became of each record."""
