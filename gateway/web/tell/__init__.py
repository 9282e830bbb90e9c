"""Telling what one has lived through or knows from work: one question a page, a preview, sending it."""
