"""What leaves the platform, read by programs that others wrote."""
