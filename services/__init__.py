"""The three services of the platform; none imports another."""
