"""`/staff/flags`: changes to evidence that guides cite, and whether each statement still stands."""
