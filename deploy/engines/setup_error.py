"""The error of a machine or its settings, which the person at it can fix."""


class SetupError(Exception):
    """One sentence that says what is wrong and what to do next. Printed without a traceback."""
