"""The apps of all services as they start in production, without starting them."""

import importlib
import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from fastapi import FastAPI

from tests.support.settings import settings_for_tests

SERVICES = ("evidence", "engagement", "funding")
NOWHERE = "postgresql://nobody:nothing@127.0.0.1:1/nowhere"


@contextmanager
def told() -> Generator[None]:
    """The environment of a process whose engines are never reached."""
    settings = {name.upper(): str(value) for name, value in settings_for_tests().items()}
    databases = {f"{service.upper()}_DATABASE_URL": NOWHERE for service in SERVICES}
    with mock.patch.dict(os.environ, {**settings, **databases, "EVENT_LOG_URL": NOWHERE}):
        yield


def api_of(service: str) -> FastAPI:
    with told():
        return importlib.import_module(f"services.{service}.main").create_app()


def worker_of(service: str) -> Any:
    return importlib.import_module(f"services.{service}.worker")
