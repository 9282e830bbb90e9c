"""A gateway before a stub service, on a database that is as good as new."""

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

import pytest

from tests.conftest import FreshDatabase

if TYPE_CHECKING:
    from tests.gateway.world import Gateway, StartGateway


@pytest.fixture
async def start_gateway(
    fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator["StartGateway"]:
    """`await start_gateway(rate_limit_factor=2, ...)`: a gateway with these settings, before a stub service."""
    from tests.gateway.world import gateways

    monkeypatch.setenv("DEMO", "true")
    async with gateways(fresh_database) as start:
        yield start


@pytest.fixture
async def gateway(start_gateway: "StartGateway") -> "Gateway":
    return await start_gateway(rate_limit_factor=100)
