"""What only a demo has: its personas to sign in as, and the mails that would have been sent."""
