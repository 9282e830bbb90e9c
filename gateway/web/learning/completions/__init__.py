"""What somebody has finished: records and certificates."""
