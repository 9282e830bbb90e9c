"""What may go wrong on somebody's own machine, told so that they can put it right."""


class SetupError(Exception):
    """One plain sentence: what is so, and what to do next. Shown as it is, without a traceback."""
