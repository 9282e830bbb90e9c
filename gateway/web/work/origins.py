"""Where an item comes from, and who cites it: beside what an editor decides about it."""

import asyncio
from dataclasses import dataclass
from typing import Final

from gateway.web.addresses import find_page
from gateway.web.api_client import Document, PublicApi

MAX_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Origins:
    """The records that became or matched an item, and the guides, learning pieces and answers that cite it."""

    records: list[Document]
    more_records: bool
    guides: list[Document]
    learning: list[Document]
    answers: int


async def origins_of(api: PublicApi, item_id: str) -> Origins:
    """Return where an item comes from, and who cites it, as far as that comes in time."""
    records, guides, learning, thread = await asyncio.gather(
        api.find_aside(f"/v1/evidence/{item_id}/records", limit=MAX_SHOWN),
        api.find_aside("/v1/guides", cites=item_id, limit=MAX_SHOWN),
        api.find_aside("/v1/learning", item=item_id, limit=MAX_SHOWN),
        api.find_aside("/v1/line-of-sight", from_=f"evidence:{item_id}"),
    )
    answers = [
        link
        for link in thread.get("links", ())
        if link["to"] == f"evidence:{item_id}" and str(link["from"]).startswith("request:")
    ]
    return Origins(
        [record | {"page": _page_of(record)} for record in records.get("items", ())],
        bool(records.get("next")),
        guides.get("items", []),
        learning.get("items", []),
        len(answers),
    )


def _page_of(record: Document) -> str | None:
    """Return the page of the import or harvest of a record, where there is one."""
    if record["import_id"]:
        return find_page(f"/v1/imports/{record['import_id']}", "")
    return find_page(f"/v1/harvests/{record['harvest_id']}", "")
