"""The base of the evidence service's tables."""

from shared.persistence.tables import tables_of

Row = tables_of("evidence")
