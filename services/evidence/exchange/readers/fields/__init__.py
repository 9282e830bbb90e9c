"""Values of fields, whatever the format: plain text, dates, page ranges, keywords, identifiers and names of people."""
