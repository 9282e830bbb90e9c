"""What is new, for those who follow; and the way to everything, for machines that walk the web."""
