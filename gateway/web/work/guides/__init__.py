"""`/staff/guides`: writing guides with what they cite beside, and reviewing them."""
