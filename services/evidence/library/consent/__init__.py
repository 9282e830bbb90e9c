"""What people allow with an account or practice knowledge that they gave: whether it is shown, and whom it names."""
