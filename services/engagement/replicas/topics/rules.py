"""The refusal of a topic that engagement does not know."""

from shared.problems import FieldError


def unknown_topic(pointer: str) -> FieldError:
    """Return the error of a field that names a topic which engagement does not know."""
    detail = "No topic with this id is known here. If it is new, send this again in a few seconds."
    return FieldError(pointer=pointer, detail=detail)
