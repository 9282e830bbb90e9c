"""The base of the funding service's tables."""

from shared.persistence.tables import tables_of

Row = tables_of("funding")
