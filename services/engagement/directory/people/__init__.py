"""People, as far as engagement needs them: their stakeholder group, and their access needs asked once."""
