"""Assemblies: meetings of different groups, in a place or online, that open once their money is reserved."""
