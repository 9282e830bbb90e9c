"""Registrations: one person's place at an assembly, with their access needs."""
