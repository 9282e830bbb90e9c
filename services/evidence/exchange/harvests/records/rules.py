"""Whether an item is as its source described it, but for what records of other sources filled since."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from services.evidence.exchange.imports.matches.rules import FilledField, summary_digest
from services.evidence.library.items.descriptions import description_adapter


def digest_of(description: BaseModel) -> str:
    """Return what two equal descriptions share."""
    return hashlib.sha256(description.model_dump_json().encode()).hexdigest()


def is_untouched(description: Mapping[str, Any], filled: Iterable[FilledField], digest: str) -> bool:
    """Return whether this is what the source said, and nobody here has changed it. It has no topics.

    Publishing and filing do not change it, nor does what records filled.
    """
    return digest_of(description_adapter.validate_python(unfilled(description, filled))) == digest


def unfilled(description: Mapping[str, Any], filled: Iterable[FilledField]) -> dict[str, Any]:
    """Return the description without what records filled, as far as it still says that.

    One record may have filled a field further than another: the last of them is taken off first.
    """
    result, remaining = dict(description), list(filled)
    while (last := next((row for row in remaining if says(result, row)), None)) is not None:
        remaining.remove(last)
        if last.field == "identifiers":
            result[last.field] = [name for name in result[last.field] if name not in last.value]
        elif last.field == "summary":
            result[last.field] = last.before or ""
        else:
            result[last.field] = [] if last.before is None and isinstance(last.value, list) else last.before
    return result


def says(description: Mapping[str, Any], filled: FilledField) -> bool:
    """Return whether the description says what a record filled."""
    value: Any = description.get(filled.field)
    if filled.field == "summary":
        return summary_digest(value) == filled.value
    if filled.field == "identifiers":
        return all(name in value for name in filled.value)
    return value == filled.value


def followed(before: Mapping[str, Any], now: Mapping[str, Any], description: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the source says now, and where it says the same as `before`, what records filled since.

    `description` is the item's. An identifier that was learnt gives way to one of its scheme in the source.
    """
    result = {name: description.get(name) if value == before.get(name) else value for name, value in now.items()}
    if "identifiers" in now:
        schemes = {name["scheme"] for name in now["identifiers"]}
        learnt = [name for name in description["identifiers"] if name not in before["identifiers"]]
        result["identifiers"] = [*now["identifiers"], *(name for name in learnt if name["scheme"] not in schemes)]
    return result
