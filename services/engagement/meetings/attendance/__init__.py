"""Attendance: whether each registered person took part."""
