"""The base of engagement's tables."""

from shared.tables import tables_of

Row = tables_of("engagement")
