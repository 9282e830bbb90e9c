"""What became of what somebody told: its state, proposals for its words, its consent, taking it back."""
