"""`/staff/learning`: writing short pieces of learning, and deciding about sources that have changed."""
