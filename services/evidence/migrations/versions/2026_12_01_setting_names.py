"""Settings that are called by several names have one."""

from collections.abc import Sequence

from alembic import op

revision: str = "evidence_setting_names"
down_revision: str | None = "evidence_retraction_flags"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NAMES = {
    "own home": ("home", "homes", "own homes", "people's homes", "people's own homes", "family home", "private home"),
    "home care": ("homecare", "home care service", "home care agency", "domiciliary care", "domiciliary care agency"),
    "care home": ("care homes", "residential home", "residential homes", "residential care", "residential care home"),
    "nursing home": ("nursing homes", "care home with nursing", "care homes with nursing"),
    "day centre": ("day centres", "day center", "day centers", "day service", "day services"),
    "supported living": ("supported living service", "supported living services"),
    "extra care housing": ("extra care", "extra care scheme", "extra care schemes", "housing with care"),
    "sheltered housing": ("retirement housing", "sheltered accommodation"),
    "hospital": ("hospitals", "hospital ward", "hospital wards"),
    "hospice": ("hospices",),
    "general practice": ("gp practice", "gp practices", "gp surgery", "gp surgeries"),
    "council team": ("council teams",),
    "community": ("communities", "community setting", "community settings"),
    "workplace": ("work", "workplaces"),
    "school": ("schools",),
    "college": ("colleges",),
    "hostel": ("hostels",),
    "prison": ("prisons",),
    "online": ("internet",),
}
"""As `library/setting_names.py` had them when this was written."""
_PLACE_WORDS = r"^((in|at|on) )?((a|an|the|my|our|his|her|their|your|one''s) )?"
_TEXT = r"btrim(regexp_replace(replace(lower(setting), U&'\2019', ''''), '[\s-]+', ' ', 'g'), ' .')"
_VALUES = ", ".join(
    f"('{text.replace(chr(39), chr(39) * 2)}', '{name}')" for name, texts in _NAMES.items() for text in (name, *texts)
)
RENAMINGS = {
    table: f"""
    UPDATE {table} SET version = version + 1, updated_at = now(), setting = names.name
    FROM (VALUES {_VALUES}) AS names (text, name)
    WHERE setting IS NOT NULL AND setting <> names.name
        AND names.text IN ({_TEXT}, regexp_replace({_TEXT}, '{_PLACE_WORDS}', ''))
    """  # noqa: S608  our own names
    for table in ("items", "evidence_requests", "transfer_judgements")
}
"""By table. Earlier editions of an item stay as they were written."""


def upgrade() -> None:
    for statement in RENAMINGS.values():
        op.execute(statement)


def downgrade() -> None:
    """Leave the names: what was written before them is not kept."""
