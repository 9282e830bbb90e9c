"""People: the stakeholder groups, and the row of a person who has saved access needs."""
