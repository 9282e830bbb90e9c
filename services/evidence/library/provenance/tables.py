"""What became of each record of an import or a harvest, and what it added to an item that the library had already.

Without foreign keys: millions of rows, written in bulk, of imports, harvests and items that are never deleted.
"""

from typing import Literal

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from services.evidence.tables import Row
from shared.persistence.tables import PERSONAL

RecordOutcome = Literal["created", "matched", "rejected"]
HarvestOutcome = Literal["created", "matched", "changed"]
Withheld = Literal["taken_back", "given"]
"""Why a record added nothing: its words are a person's who took them back, or who gave them here themselves."""
_WITHHELD = "withheld IN ('taken_back', 'given')"

import_records = Table(
    "import_records",
    Row.metadata,
    Column("job_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("line", Integer, nullable=False),
    Column("outcome", String(8), nullable=False),
    Column("item_id", Uuid),
    Column("withheld", String(10)),
    CheckConstraint("outcome IN ('created', 'matched', 'rejected')", name="outcome"),
    CheckConstraint(_WITHHELD, name="withheld"),
    CheckConstraint("(outcome = 'rejected') = (item_id IS NULL)", name="item_id"),
    Index("ix_import_records_item_id_job_id", "item_id", "job_id"),
)
"""By import and number in the file, with the line where the record begins and the item that stands for it."""

harvest_run_records = Table(
    "harvest_run_records",
    Row.metadata,
    Column("harvest_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("run_id", Uuid, nullable=False),
    Column("identifier", String(2_000), nullable=False),
    Column("outcome", String(8), nullable=False),
    Column("item_id", Uuid, nullable=False, index=True),
    Column("withheld", String(10)),
    CheckConstraint("outcome IN ('created', 'matched', 'changed')", name="outcome"),
    CheckConstraint(_WITHHELD, name="withheld"),
)
"""Each time that a record of a harvest was new or had changed, counted from 1, with the item that stands for it. These
stay when the harvest is removed, since its items do."""

imported_fields = Table(
    "imported_fields",
    Row.metadata,
    Column("job_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("field", String(20), primary_key=True),
    Column("item_id", Uuid, nullable=False, index=True),
    Column("before", JSONB(none_as_null=True)),
    Column("value", JSONB, nullable=False, info=PERSONAL),
)
"""Each field that a record (`number`) of an import or harvest (`job_id`) filled of an item that it matched; `before` is
what stood there, NULL where it was empty.

`value` is what it added: of `identifiers`, those that were learnt; of a summary, its MD5, which says whether it was
changed since. Rows are deleted when the import is withdrawn and its fields are taken back, and when the item's own
source says the same."""

repeated_fields = Table(
    "repeated_fields",
    Row.metadata,
    Column("job_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("field", String(20), primary_key=True),
    Column("item_id", Uuid, nullable=False, index=True),
    Column("value", JSONB, nullable=False, info=PERSONAL),
)
"""Each field that a record of an import or harvest states as another filled it before: it stays while one of them does.

`value` is as in `imported_fields`. Rows are deleted when the import is withdrawn."""
