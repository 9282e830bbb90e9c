"""References to items, in the citation styles of CSL."""
