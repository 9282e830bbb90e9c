"""Publish and withdraw an item, record a notice of its work, erase an edition."""
