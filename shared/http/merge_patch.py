"""JSON Merge Patch (RFC 7396)."""

from typing import Any, TypeVar

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from shared.problems import Invalid

Model = TypeVar("Model", bound=BaseModel)


class NotKept(Invalid):
    title = "One of these texts or numbers cannot be kept"
    detail = (
        "A text with half a character in it (\\ud83d alone, of an emoji that was cut in two), or a number of more than "
        "19 digits, cannot be kept. Correct it and send it again. Nothing was changed."
    )


def merge_patch(target: Any, patch: Any) -> Any:
    """Apply a patch to any JSON value: null removes, objects merge, everything else replaces. Raises NotKept."""
    try:
        orjson.dumps(patch, default=str)
    except orjson.JSONEncodeError as error:
        raise NotKept from error
    return _merged(target, patch)


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged: dict[str, Any] = dict(target) if isinstance(target, dict) else {}  # pyright: ignore[reportUnknownArgumentType]  any JSON
    for key, value in patch.items():  # pyright: ignore[reportUnknownVariableType]  any JSON
        if value is None:
            merged.pop(str(key), None)  # pyright: ignore[reportUnknownArgumentType]  any JSON
        else:
            merged[str(key)] = _merged(merged.get(str(key)), value)  # pyright: ignore[reportUnknownArgumentType]  any JSON
    return merged


def patch_model(current: Model, patch: dict[str, Any]) -> Model:
    """Apply a patch to a model. Raises NotKept, and RequestValidationError, which points to what the sender wrote."""
    merged = merge_patch(current.model_dump(mode="json"), patch)
    try:
        return type(current).model_validate_json(orjson.dumps(merged))
    except ValidationError as error:
        errors = [{**detail, "loc": ("body", *detail["loc"])} for detail in error.errors()]
        raise RequestValidationError(errors, body=merged) from error
