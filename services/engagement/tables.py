"""The base of engagement's tables."""

from shared.persistence.tables import tables_of

Row = tables_of("engagement")
