"""Sending mail: a port with SMTP behind it, or in a demo an outbox that shows what would have been sent."""
