"""Values of fields as several formats write them: names of people and of organisations."""
