"""A list of retractions says which works were taken back, corrected or doubted, by the identifiers of each."""
