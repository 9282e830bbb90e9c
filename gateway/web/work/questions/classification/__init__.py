"""How a question is filed: its topics, setting and country."""
