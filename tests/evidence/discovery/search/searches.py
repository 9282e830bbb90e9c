"""Publishes works and searches for them."""

from typing import Any

from shared.persistence.tables import new_id
from tests.evidence.world import ACCOUNT, RESEARCH, EvidenceWorld

WELSH: dict[str, Any] = {
    **ACCOUNT,
    "title": "Noson o gwsg",
    "account": "Daeth rhywun i aros gyda Mam. Roeddwn wedi bod yn gofalu heb seibiant, a'm gofalwyr yn flinedig.",
    "language": "cy",
    "country": "GB-WLS",
}


async def found_ids(world: EvidenceWorld, q: str, **filters: Any) -> list[str]:
    return [item["id"] for item in (await world.search(q, **filters))["items"]]


async def publish_works(world: EvidenceWorld, *titles: str, **more: Any) -> list[str]:
    identifiers = [[{"scheme": "doi", "value": f"10.5555/{new_id()}"}] for _ in titles]
    return [
        await world.publish(RESEARCH, title=title, summary="", identifiers=names, **more)
        for title, names in zip(titles, identifiers, strict=True)
    ]
