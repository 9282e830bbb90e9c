"""Events: what services tell each other, and the contracts of each."""
