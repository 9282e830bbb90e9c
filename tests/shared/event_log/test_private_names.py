"""The private names of aiokafka that we use exist in the version that is pinned."""

import ast
import inspect
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.producer.sender import Sender

ROOT = Path(__file__).parents[3]
KAFKA = ROOT / "shared" / "event_log" / "kafka"
ATTRIBUTES = {
    "_client": (AIOKafkaConsumer,),
    "_closed": (AIOKafkaProducer,),
    "_coordinator": (AIOKafkaConsumer,),
    "_fetcher": (AIOKafkaConsumer,),
    "_sender": (AIOKafkaProducer,),
}
"""Attributes that these classes assign to themselves."""
METHODS = {
    "_stop_commit_offsets_refresh_task": (GroupCoordinator,),
    "_stop_heartbeat_task": (GroupCoordinator,),
    "_wait_on_metadata": (AIOKafkaClient,),
}


def test_aiokafka_is_pinned_exactly() -> None:
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert [line for line in dependencies if line.startswith("aiokafka")] == [f"aiokafka=={version('aiokafka')}"]


def test_every_private_name_that_is_used_is_checked_here() -> None:
    used: set[str] = set()
    for path in KAFKA.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) != "self":
                used.add(node.attr)
    assert {name for name in used if name.startswith("_") and not name.startswith("__")} == {*ATTRIBUTES, *METHODS}


@pytest.mark.parametrize(("name", "owner"), [(name, owner) for name, owners in ATTRIBUTES.items() for owner in owners])
def test_the_attribute_exists(name: str, owner: type) -> None:
    assert re.search(rf"self\.{name}\b.* = ", inspect.getsource(owner))


@pytest.mark.parametrize(("name", "owner"), [(name, owner) for name, owners in METHODS.items() for owner in owners])
def test_the_method_exists(name: str, owner: type) -> None:
    assert callable(getattr(owner, name))


def test_what_is_closed_by_hand_can_be_closed() -> None:
    assert inspect.iscoroutinefunction(Fetcher.close)
    assert inspect.iscoroutinefunction(AIOKafkaClient.close)
    assert inspect.iscoroutinefunction(Sender.close)
