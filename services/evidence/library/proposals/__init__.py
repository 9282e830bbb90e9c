"""Other words for an account or practice knowledge, which wait until the other side has said yes or no."""
