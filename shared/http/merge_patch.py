"""JSON Merge Patch (RFC 7396)."""

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from shared.problems import Invalid
from shared.views import Json

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)


class UnstorableValue(Invalid):
    title = "One of these texts or numbers cannot be stored"
    detail = (
        "A text holds half of a surrogate pair (an emoji that was cut in two), or a number has more than 19 digits. "
        "Nothing was changed. Correct it and send it again."
    )


def merge_patch(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """Return the target with the patch applied: null removes, objects merge, everything else replaces.

    Raises UnstorableValue for a lone surrogate or an integer of more than 64 bits.
    """
    try:
        orjson.dumps(patch, default=str)
    except orjson.JSONEncodeError as error:
        raise UnstorableValue from error
    return _merge(target, patch)


def _merge(target: Json, patch: dict[str, Json]) -> dict[str, Json]:
    merged = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merge(merged.get(key), value) if isinstance(value, dict) else value
    return merged


def patch_model(current: Model, patch: dict[str, Any]) -> Model:
    """Return the model with the patch applied.

    Raises UnstorableValue, and RequestValidationError, which points into the merged document.
    """
    return parse_merged(type(current).model_validate_json, merge_patch(current.model_dump(mode="json"), patch))


def parse_merged(validate_json: Callable[[bytes], T], document: object) -> T:
    """Validate a document that was put together from a stored one and a change.

    Raises RequestValidationError, as if the document had been the body of the request.
    """
    try:
        return validate_json(orjson.dumps(document))
    except ValidationError as error:
        errors = [{**detail, "loc": ("body", *detail["loc"])} for detail in error.errors()]
        raise RequestValidationError(errors, body=document) from error
