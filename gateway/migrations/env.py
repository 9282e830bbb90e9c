"""Migrations of the gateway."""

from gateway.identity import tables as identity
from gateway.partners import tables as partners
from gateway.tables import Row
from shared.persistence.migrations import environment

TABLES = (identity, partners)
environment.run(Row.metadata)
