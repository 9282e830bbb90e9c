"""Alembic's environment of the evidence service: importing every slice's tables adds them to the metadata."""

from importlib import import_module
from pathlib import Path

from services.evidence.tables import Row
from shared.persistence.migrations.environment import run

SERVICE = Path(__file__).parents[1]
for tables in sorted(SERVICE.rglob("*/tables.py")):
    import_module(".".join(("services.evidence", *tables.relative_to(SERVICE).with_suffix("").parts)))

run(Row.metadata)
