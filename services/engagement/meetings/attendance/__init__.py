"""Attendance: whether a registered person took part."""
