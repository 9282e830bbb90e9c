"""The frame of every page: templates, styles, languages, and what a visitor chose."""
