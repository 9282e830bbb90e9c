"""Exported items, without a database."""

from typing import Any

from services.evidence.exchange.writers.exported_item import ExportedItem
from services.evidence.library.items.attribution import credited_names, public_details

BASE: dict[str, Any] = {
    "summary": "",
    "country": None,
    "setting": None,
    "language": "en",
    "topics": ["Breaks for carers"],
    "listed_on": "2026-11-24",
}


def exported_item(number: int = 1, **fields: Any) -> ExportedItem:
    """Return an item of research unless the fields say otherwise."""
    way = fields.pop("way_of_knowing", "research")
    details = fields.pop("details", {})
    item_id = f"01900000-0000-7000-8000-{number:012x}"
    common: dict[str, Any] = BASE | {"title": "A title"} | fields
    return ExportedItem(
        id=item_id,
        way_of_knowing=way,
        url=f"http://testserver/v1/evidence/{item_id}",
        details=public_details(way, details),
        credited=credited_names(way, details),
        **common,
    )


WORKS = {
    kind: exported_item(
        number,
        title=f"What a {kind} says: carers & breaks",
        details={
            "kind": kind,
            "authors": ["Okoro, Ada B.", "Lind, Berta", "World Health Organization"],
            "editors": ["Marsh, C."],
            "published_in": "Journal of Invented Studies",
            "published_on": "2021-05-04",
            "volume": "12",
            "issue": "3",
            "pages": "201-219",
            "publisher": "Invented Press",
            "identifiers": [{"scheme": "doi", "value": f"10.5555/{kind}"}],
        },
    )
    for number, kind in enumerate(
        ("journal_article", "book", "chapter", "report", "thesis", "conference_paper", "web_page", "dataset", "other"),
        100,
    )
}
NAMED = exported_item(
    2,
    way_of_knowing="lived_experience",
    title="My first week away",
    details={
        "account": "I slept.",
        "speaks_as": "unpaid_carer",
        "consent": {"to_publish": True, "attribution": "first_name", "name": "Mary", "given_by": "self"},
    },
)
UNNAMED = exported_item(
    3,
    way_of_knowing="lived_experience",
    title="Nobody asked me",
    details={
        "account": "Nobody did.",
        "speaks_as": "someone_else",
        "consent": {"to_publish": True, "attribution": "anonymous", "name": "Secret Name"},
    },
)
PRACTICE = exported_item(
    4,
    way_of_knowing="practice_knowledge",
    title="Booking a break in one call",
    setting="council team",
    details={"role": "social worker", "what_was_done": "One number.", "what_happened": "Answers the same day."},
)
