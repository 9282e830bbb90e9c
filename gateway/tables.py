"""The base class of the gateway's tables."""

from shared.persistence.tables import tables_of

Row = tables_of("gateway")
