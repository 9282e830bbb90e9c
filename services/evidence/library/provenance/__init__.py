"""Provenance says which import brought an item, and which of its fields came with a later one."""
