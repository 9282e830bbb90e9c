"""Topics: engagement's copy of their names and priorities, and how many questions about them are open."""
