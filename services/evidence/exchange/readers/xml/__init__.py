"""XML formats: JATS, PubMed and EndNote."""
