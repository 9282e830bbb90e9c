"""A description in a form: what is shown of an item, what was sent of it, and both merged where the item changed."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import orjson

from gateway.web.api_client import ApiRefusal, Document
from gateway.web.descriptions.fields import Field
from gateway.web.forms import Form
from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage

POINTERS: Final = {"/period": "from", "/period/from": "from", "/period/to": "to"}
"""The input of a field that a JSON pointer names, where it is not that of the field."""


class Difference(NamedTuple):
    """A field of which what stands in the item and what was written differ."""

    field: Field
    current: Any
    written: Any


class Merged(NamedTuple):
    """What became of a form whose item was changed meanwhile."""

    taken_over: list[Field]
    """Changed by somebody else alone: the form has what stands now."""
    in_conflict: list[Difference]
    """Changed by both: the form has what was written."""


def show_description(fields: Iterable[Field], item: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the inputs of a form hold for an item, with the marks by which changes of others are recognised."""
    fields = list(fields)
    values: dict[str, Any] = {}
    for field in fields:
        values |= field.show(item.get(field.name))
    return values | {"marks": marks_of(fields, item)}


def marks_of(fields: Iterable[Field], item: Mapping[str, Any]) -> str:
    """Return a short mark of each field's value, as a hidden input holds them."""
    return " ".join(f"{field.name}={_mark(field, item.get(field.name))}" for field in fields)


def read_description(form: Form, page: WebPage, fields: Iterable[Field]) -> Document:
    """Return what was written in a form, by the names of the API; notes an error at each input that is wrong."""
    description: Document = {}
    for field in fields:
        if field.kind == "topics":
            chosen: Any = form.values.get(field.name) or []
            form.values[field.name] = [chosen] if isinstance(chosen, str) else chosen
        else:
            _check_text(form, page, field)
        if field.missing and not form.values.get(field.name):
            form.errors.setdefault(field.name, page.text(field.missing))
        value = field.read(form.values)
        if field.kind == "identifiers" and any(not identifier["scheme"] for identifier in value):
            form.errors[field.name] = page.text("Begin each line with the kind of identifier, such as DOI or ISBN")
        if field.kind == "number" and isinstance(value, str):
            form.errors[field.name] = page.text("Write a number in figures, such as 412")
        description[field.name] = value
    return description


def changes_of(fields: Iterable[Field], item: Mapping[str, Any], description: Mapping[str, Any]) -> Document:
    """Return the JSON Merge Patch that makes the item say this."""
    return {
        field.name: description[field.name]
        for field in fields
        if description[field.name] != _read_back(field, item.get(field.name))
    }


def merge_changes(form: Form, fields: Iterable[Field], item: Mapping[str, Any]) -> Merged:
    """Take over into the form what somebody else has changed since it was shown, where its sender changed nothing."""
    marks = (mark.partition("=") for mark in str(form.values.get("marks") or "").split())
    shown = {name: mark for name, _, mark in marks}
    fields, merged = list(fields), Merged([], [])
    for field in fields:
        current, written = _read_back(field, item.get(field.name)), field.read(form.values)
        if current == written or _mark(field, current) == shown.get(field.name):
            continue
        if _mark(field, written) == shown.get(field.name):
            form.values |= field.show(item.get(field.name))
            merged.taken_over.append(field)
        else:
            merged.in_conflict.append(Difference(field, current, written))
    form.values["marks"] = marks_of(fields, item)
    return merged


def add_refusal(form: Form, refusal: ApiRefusal, page: WebPage) -> None:
    """Note what the API refused of a description, at its inputs."""
    form.add_refusal(refusal, POINTERS)
    if refusal.slug == "idempotency-key-reused":
        form.errors = {"": page.text("This was already sent. Look at your drafts before you send it again.")}


def _check_text(form: Form, page: WebPage, field: Field) -> None:
    number = f"{field.longest:,}" if field.longest else ""
    too_long = page.text(text("This is too long. Use at most %(number)s characters.")) % {"number": number}
    for name in field.inputs:
        form.text(name, longest=field.longest, too_long=too_long)


def _read_back(field: Field, value: Any) -> Any:  # noqa: ANN401  a value of any field of an item
    """Return a value as a form that shows it would send it back, so that both compare."""
    return field.read(field.show(value))


def _mark(field: Field, value: Any) -> str:  # noqa: ANN401  a value of any field of an item
    return hashlib.blake2b(orjson.dumps(_read_back(field, value)), digest_size=6).hexdigest()
