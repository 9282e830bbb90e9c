"""What a person types, parsed: words, phrases, fields, synonyms, and the forms of English and Welsh words."""
