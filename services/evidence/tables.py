"""The base of the evidence service's tables."""

from shared.tables import tables_of

Row = tables_of("evidence")
