"""Records of one work as two databases have it, and what the tests of matches read."""

from typing import Any

from tests.evidence.world import EvidenceWorld
from tests.support.callers import EDITOR

POOR = b"TY  - JOUR\nTI  - Enrichment on match: an invented record\nAU  - Example, Enrich\nPY  - 2018\nER  - \n"
RICH = (
    b"TY  - JOUR\nTI  - Enrichment on match: an invented record\nAU  - Example, Enrich\nPY  - 2018\n"
    b"DO  - 10.5555/enrich.1\nAB  - This abstract came with the second file.\nKW  - care\nJO  - Invented Care\n"
    b"VL  - 2\nSP  - 3\nEP  - 9\nER  - \n"
)
BY_DOI = b"TY  - JOUR\nTI  - Another title of it\nDO  - 10.5555/enrich.1\nSN  - 1234-5679\nER  - \n"
FILLED_FIELDS = ["identifiers", "keywords", "pages", "published_in", "summary", "volume"]


def ris(**lines: str) -> bytes:
    """A record of an article with these lines, such as `DO="10.5555/1"`."""
    tags = {"TI": "Enrichment on match: an invented record", "AU": "Example, Enrich", "PY": "2018"} | lines
    return ("TY  - JOUR\n" + "".join(f"{tag}  - {text}\n" for tag, text in tags.items()) + "ER  - \n").encode()


async def drafts(world: EvidenceWorld) -> list[dict[str, Any]]:
    """All drafts as they are, the oldest first."""
    summaries = (await world.json(EDITOR, "GET", "/v1/evidence?status=draft"))["items"]
    return [await world.json(EDITOR, "GET", f"/v1/evidence/{item['id']}") for item in reversed(summaries)]


async def records(world: EvidenceWorld, job: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    return (await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/records{query}"))["items"]


async def conflicts(world: EvidenceWorld, query: str = "") -> list[dict[str, Any]]:
    return (await world.json(EDITOR, "GET", f"/v1/import-conflicts{query}"))["items"]
