"""Extensions: a funding officer's word that an assembly may cost more than was reserved for it."""
