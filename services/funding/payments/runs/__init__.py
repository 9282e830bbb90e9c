"""Payment runs: batches of approved claims, and the file that the bank receives."""
