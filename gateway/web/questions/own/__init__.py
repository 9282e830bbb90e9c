"""What somebody has asked."""
