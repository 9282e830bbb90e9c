"""`/staff/renditions`: Easy Read and other forms of items and guides, each beside its original."""
