"""Working days: neither weekends nor the bank holidays of England."""
