"""Supervision of the processes and engines of `impact up`: restarted when they end, stopped in order."""
