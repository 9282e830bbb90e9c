"""The editions of an item: what it says, and what it said when somebody cited it."""
