"""The approved contracts of events, and which changes of them are compatible."""

import json
import re
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic import BaseModel

from shared.events.contracts.engagement import AttendanceRecorded
from shared.events.event import Event
from shared.persistence.tables import new_id
from tests.contracts import events
from tests.contracts.events import Schema, incompatibilities

BEFORE: Schema = {
    "x-topic": "a.things",
    "x-key": "id",
    "type": "object",
    "required": ["id", "kind", "parts"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "kind": {"type": "string", "enum": ["x", "y"]},
        "note": {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
        "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
    },
    "$defs": {"Part": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}},
}


@pytest.mark.parametrize("event", events.contracts(), ids=lambda event: event.event_type)
def test_an_event_still_fits_its_approved_schema(event: type[Event]) -> None:
    approved = events.approved().get(event.event_type)
    assert approved is not None, "a new event: run `python -m tests.contracts.events`"
    breaking_changes = incompatibilities(approved, events.schema_of(event))
    assert not breaking_changes, "publish a new version (version=2) beside this one instead"
    assert approved == events.schema_of(event), "compatible: run `python -m tests.contracts.events` and commit"


def test_no_approved_event_is_gone() -> None:
    types = {event.event_type for event in events.contracts()}
    assert events.approved().keys() <= types, "it may still lie in the log: keep it until the topic's retention is over"


def test_the_asyncapi_document_tells_what_the_code_does() -> None:
    assert events.ASYNCAPI.read_text() == events.asyncapi_text(), "run `python -m tests.contracts.events` and commit"


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = yaml.safe_load(events.ASYNCAPI.read_text())
    for reference in references(document):
        target = document
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
    assert document["asyncapi"] == "3.0.0"
    assert {operation["action"] for operation in document["operations"].values()} == {"send", "receive"}


def references(document: Any) -> list[str]:
    return re.findall(r"'\$ref': '([^']+)'", str(document))


@pytest.mark.parametrize("event", events.contracts(), ids=lambda event: event.event_type)
def test_the_schemas_are_schemas(event: type[Event]) -> None:
    jsonschema.Draft202012Validator.check_schema(events.schema_of(event))


def test_an_attendance_from_before_its_recorder_was_named_is_still_read() -> None:
    old = {"registration_id": str(new_id()), "assembly_id": str(new_id()), "person_id": str(new_id()), "attended": True}
    day = {"held_on": "2026-11-10", "minutes": 180, "scheme": "participation"}
    assert AttendanceRecorded.model_validate_json(json.dumps(old | day)).recorded_by is None


def changed(**differences: Any) -> Schema:
    return {**BEFORE, **differences}


def with_properties(required: list[str], **properties: Any) -> Schema:
    properties_left = {
        name: field for name, field in {**BEFORE["properties"], **properties}.items() if field is not None
    }
    return changed(required=required, properties=properties_left)


REQUIRED = BEFORE["required"]


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(BEFORE, id="nothing changed"),
        pytest.param(with_properties(REQUIRED, more={"type": "integer", "default": 0}), id="an optional field more"),
        pytest.param(with_properties(REQUIRED, note=None), id="an optional field less"),
        pytest.param(changed(description="told better"), id="other words"),
    ],
)
def test_these_changes_break_nobody(now: Schema) -> None:
    assert incompatibilities(BEFORE, now) == []


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(changed(**{"x-topic": "a.others"}), id="another topic"),
        pytest.param(changed(**{"x-key": "kind"}), id="another key"),
        pytest.param(with_properties(["id", "parts"], kind=None), id="a needed field is gone"),
        pytest.param(with_properties(["id", "parts"]), id="a needed field may be missing"),
        pytest.param(with_properties([*REQUIRED, "more"], more={"type": "integer"}), id="a needed field more"),
        pytest.param(with_properties(REQUIRED, kind={"type": "integer"}), id="another type"),
        pytest.param(with_properties(REQUIRED, id={"type": "string"}), id="another format"),
        pytest.param(with_properties(REQUIRED, kind={"type": "string", "enum": ["x", "y", "z"]}), id="a value more"),
        pytest.param(with_properties(REQUIRED, kind={"type": "string", "enum": ["x"]}), id="a value less"),
        pytest.param(with_properties(REQUIRED, note={"type": "integer"}), id="null no more"),
        pytest.param(
            changed(**{"$defs": {"Part": {"type": "object", "required": [], "properties": {"n": {"type": "string"}}}}}),
            id="deep inside",
        ),
    ],
)
def test_these_changes_break_somebody(now: Schema) -> None:
    assert incompatibilities(BEFORE, now) != []


def test_the_generator_writes_nothing_where_somebody_would_be_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    event = events.contracts()[0]

    class UnlikeModel(BaseModel):
        unlike: int

    monkeypatch.setattr(event, "model_json_schema", UnlikeModel.model_json_schema)
    before = (events.FOLDER / f"{event.event_type}.json").read_text()
    assert events.write() != []
    assert (events.FOLDER / f"{event.event_type}.json").read_text() == before
