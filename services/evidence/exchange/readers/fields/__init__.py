"""Values of fields, whatever the format: plain text, dates, page ranges and names of people."""
