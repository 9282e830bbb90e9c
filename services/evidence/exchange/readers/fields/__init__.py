"""Values of fields, whatever the format: plain text, dates and names of people."""
