"""The apps of all services as production creates them, without starting them."""

import importlib
from typing import Any

from fastapi import FastAPI

from tests.support.world import UNREACHABLE_DATABASE_URL, create_app

SERVICES = ("evidence", "engagement", "funding")


def api_of(service: str) -> FastAPI:
    return create_app(service, UNREACHABLE_DATABASE_URL)


def worker_of(service: str) -> Any:
    return importlib.import_module(f"services.{service}.worker")
