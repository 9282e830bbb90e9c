"""The contracts of events as JSON Schemas: generated, compared with the approved ones, and described as AsyncAPI.

`python -m tests.contracts.events` writes them. It refuses where a change would break a publisher or a consumer: then
add a new version of the event (`version=2`) beside the old one.
"""

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from deploy import event_topics
from shared.events.event import Event, published_events
from shared.messaging.dispatcher import EventHandlers

FOLDER = Path(__file__).with_name("schemas")
ASYNCAPI = Path(__file__).with_name("asyncapi.yaml")
SERVICES = ("evidence", "engagement", "funding")
Schema = dict[str, Any]


def contracts() -> list[type[Event]]:
    """Return every event of `shared.events.contracts`, ordered by type."""
    for service in SERVICES:
        importlib.import_module(f"shared.events.contracts.{service}")
    contract_events = [
        event for event in published_events().values() if event.__module__.startswith("shared.events.contracts.")
    ]
    return sorted(contract_events, key=lambda event: event.event_type)


def schema_of(event: type[Event]) -> Schema:
    """Return the JSON Schema of the value of a record."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:impact:event:{event.event_type}",
        "x-topic": event.topic,
        "x-key": event.key_field,
        **event.model_json_schema(mode="serialization"),
    }


def approved() -> dict[str, Schema]:
    return {file.stem: json.loads(file.read_text()) for file in sorted(FOLDER.glob("*.json"))}


def incompatibilities(before: Schema, now: Schema) -> list[str]:
    """Return the changes by which old and new code could not read each other's events.

    Both run during a release, and the log retains old events.
    """
    differences = [
        f"{name} changed from {before[name]} to {now.get(name)}"
        for name in ("x-topic", "x-key")
        if name in before and before[name] != now.get(name)
    ]
    return [*differences, *_differences(before, now, before.get("$defs", {}), now.get("$defs", {}), "")]


def _differences(before: Schema, now: Schema, old_defs: Schema, new_defs: Schema, path: str) -> Iterator[str]:
    before, now = _resolved(before, old_defs), _resolved(now, new_defs)
    location = path or "the event"
    for name in ("type", "format", "enum", "const", "minItems", "maxItems"):
        old, new = before.get(name), now.get(name)
        if name == "enum" and old and new:
            old, new = sorted(map(str, old)), sorted(map(str, new))
        if old != new:
            yield f"{location}: {name} changed from {old} to {new}"
    fields, fields_now = before.get("properties", {}), now.get("properties", {})
    required, required_now = set(before.get("required", ())), set(now.get("required", ()))
    for field in sorted(required - fields_now.keys()):
        yield f"{path}{field} is gone, and its consumers rely on it"
    for field in sorted(required & fields_now.keys() - required_now):
        yield f"{path}{field} may be missing now, and its consumers rely on it"
    for field in sorted(required_now - required):
        yield f"{path}{field} is required now, and older events lack it"
    for field in sorted(fields.keys() & fields_now.keys()):
        yield from _differences(fields[field], fields_now[field], old_defs, new_defs, f"{path}{field}.")
    if "items" in before or "items" in now:
        yield from _differences(before.get("items", {}), now.get("items", {}), old_defs, new_defs, f"{path}[].")
    choices, choices_now = before.get("anyOf", []), now.get("anyOf", [])
    if len(choices) != len(choices_now):
        yield f"{location}: {len(choices)} kinds of value became {len(choices_now)}"
    for old, new in zip(choices, choices_now, strict=False):
        yield from _differences(old, new, old_defs, new_defs, path)


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    return definitions[name] if name else schema


def asyncapi() -> Schema:
    """Return the AsyncAPI 3 document of every topic, event, publisher and consumer."""
    declared = {topic.name: topic for topic in event_topics.read()}
    channels: Schema = {}
    messages: Schema = {}
    schemas: Schema = {"headers": _headers()}
    operations: Schema = {}
    for event in contracts():
        name = event.event_type
        messages[name] = {
            "name": name,
            "title": event.__name__,
            "summary": " ".join((event.__doc__ or "").split()),
            "contentType": "application/json",
            "headers": {"$ref": "#/components/schemas/headers"},
            "payload": {"$ref": f"#/components/schemas/{name}"},
            "bindings": {"kafka": {"key": {"type": "string", "format": "uuid", "description": f"`{event.key_field}`"}}},
        }
        schemas[name] = _inlined(schema_of(event))
        channel = channels.setdefault(
            event.topic,
            {
                "address": event.topic,
                "messages": {},
                "bindings": {"kafka": {"topic": event.topic, "partitions": declared[event.topic].partitions}},
            },
        )
        channel["messages"][name] = {"$ref": f"#/components/messages/{name}"}
        _operation(operations, event.topic.partition(".")[0], "send", event)
        for service in _listeners(event):
            _operation(operations, service, "receive", event)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "IMPACT events",
            "version": "1",
            "description": "What the services tell each other: CloudEvents 1.0 in binary mode on Apache Kafka. "
            "Each key (the aggregate's id) keeps its order, and everything arrives at least once. Unknown fields and "
            "types are to be ignored.",
        },
        "defaultContentType": "application/json",
        "channels": dict(sorted(channels.items())),
        "operations": dict(sorted(operations.items())),
        "components": {"messages": messages, "schemas": schemas},
    }


def _operation(operations: Schema, service: str, action: str, event: type[Event]) -> None:
    operation = operations.setdefault(
        f"{service}.{'publishes' if action == 'send' else 'hears'}.{event.topic}",
        {
            "action": action,
            "channel": {"$ref": f"#/channels/{event.topic}"},
            "tags": [{"name": service}],
            "messages": [],
        },
    )
    operation["messages"].append({"$ref": f"#/channels/{event.topic}/messages/{event.event_type}"})


def _listeners(event: type[Event]) -> list[str]:
    services: list[str] = []
    for service in SERVICES:
        slices: list[EventHandlers] = importlib.import_module(f"services.{service}.worker").HANDLERS
        if any(event in handlers.by_type for handlers in slices):
            services.append(service)
    return services


def _headers() -> Schema:
    text: Schema = {"type": "string"}
    identity: Schema = {"type": "string", "format": "uuid"}
    return {
        "type": "object",
        "description": "The attributes of the CloudEvent.",
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_partitionkey", "ce_sequence"],
        "properties": {
            "ce_specversion": {"const": "1.0"},
            "ce_id": {**identity, "description": "The same on every delivery: what makes an effect happen once."},
            "ce_source": {**text, "description": "`/` and the name of the service."},
            "ce_type": {**text, "description": "`engagement.attendance-recorded.v1`"},
            "ce_time": {"type": "string", "format": "date-time"},
            "ce_partitionkey": {**identity, "description": "The aggregate's id; the record's key too."},
            "ce_sequence": {"type": "string", "pattern": "^[0-9]+$", "description": "The aggregate's version."},
            "ce_traceparent": {**text, "description": "W3C Trace Context."},
        },
    }


def _inlined(schema: Schema) -> Schema:
    """Return the schema with its `$defs` inlined, since their references would point into the wrong document."""
    definitions = schema.get("$defs", {})

    def inline(node: Any) -> Any:
        if isinstance(node, dict):
            mapping: Schema = node  # pyright: ignore[reportUnknownVariableType]  any JSON
            if "$ref" in mapping:
                return inline(_resolved(mapping, definitions))
            return {key: inline(value) for key, value in mapping.items() if key not in ("$defs", "$schema")}
        return [inline(element) for element in node] if isinstance(node, list) else node  # pyright: ignore[reportUnknownVariableType]  any JSON

    return inline(schema)


def asyncapi_text() -> str:
    head = "# Generated: python -m tests.contracts.events\n"
    return head + yaml.safe_dump(asyncapi(), sort_keys=False, allow_unicode=True, width=120)


def schema_text(event: type[Event]) -> str:
    return json.dumps(schema_of(event), indent=2, ensure_ascii=False) + "\n"


def write() -> list[str]:
    """Write schemas and AsyncAPI document. Where there are breaking changes, return them and write nothing."""
    now = {event.event_type: event for event in contracts()}
    before = approved()
    breaking_changes = [f"{name} is gone, and may still lie in the log" for name in before.keys() - now.keys()]
    for name in sorted(before.keys() & now.keys()):
        breaking_changes += [f"{name}: {change}" for change in incompatibilities(before[name], schema_of(now[name]))]
    if not breaking_changes:
        FOLDER.mkdir(exist_ok=True)
        for name, event in now.items():
            (FOLDER / f"{name}.json").write_text(schema_text(event))
        ASYNCAPI.write_text(asyncapi_text())
    return breaking_changes


if __name__ == "__main__":
    sys.exit("\n".join(write()) or 0)
