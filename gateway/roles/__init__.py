"""Who has which role, and who gives it: the identity provider, an administrator, or the demo."""
