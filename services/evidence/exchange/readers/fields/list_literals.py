"""Lists as Python writes them, which exports of review programs hold."""

import ast
from typing import cast

MAX_LITERAL_LENGTH = 100_000
_MIN_LETTERS = 4


def parse_list_literal(text: str) -> list[str] | None:
    """Parse `['Okoro, Ada', 'Lind, Bo']`; None for anything else."""
    if not (text.startswith("[") and text.endswith("]")) or len(text) > MAX_LITERAL_LENGTH:
        return None
    try:
        literal = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return [str(item) for item in cast("list[object]", literal)] if isinstance(literal, list) else None


def join_letters(values: list[str]) -> list[str]:
    """Return the one value of which each letter was written as a value of its own (a blank is empty by now)."""
    if len(values) < _MIN_LETTERS or values[0] != "[" or any(len(value) > 1 for value in values):
        return values
    return ["".join(value or " " for value in values)]
