"""Supervision: the processes and engines of `impact up`, kept running on this machine and ended in order."""
