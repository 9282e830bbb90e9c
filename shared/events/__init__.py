"""Events: their base class, and the contracts of each service."""
