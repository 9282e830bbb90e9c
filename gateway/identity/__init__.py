"""People who sign in: personas, one-time links and sessions."""
