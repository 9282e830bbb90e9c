"""An account, what quotes it, and the worker that looks for that."""

from typing import Any

from services.evidence.publications.quotations.jobs import scan_batch
from shared.callers import person
from shared.persistence.tables import new_id
from tests.evidence.world import ACCOUNT, RESEARCH, EvidenceWorld, until
from tests.support.callers import CARER, EDITOR

OTHER_CARER = person(new_id())
WORDS = (
    "For four years I did not sleep through. When the sitter came on Thursdays I walked and saw a friend. Nobody had "
    "told me that I could ask for one, and when I asked, the form was eleven pages long and wanted to know what my "
    "mother could still do, not what I could not do any more."
)
EXCERPT = "nobody had told me that I could ask for one, and when I asked, the form was eleven pages long"
QUOTE = f"A carer told the team: “{EXCERPT}”. Her team has used a shorter form ever since that conversation."


async def scan_all(world: EvidenceWorld) -> None:
    """What the worker does, also where a transaction elsewhere has to end first."""

    async def is_done() -> bool:
        while await scan_batch(world.database):
            pass
        return not await world.rows("SELECT 1 FROM quotation_scans")

    await until(is_done)


async def published_account(world: EvidenceWorld) -> str:
    return await world.publish({**ACCOUNT, "account": WORDS})


async def withdraw(world: EvidenceWorld, account: str) -> None:
    """Withdrawn by its person; then the worker looks through the library."""
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    await scan_all(world)


async def held_back(world: EvidenceWorld) -> list[str]:
    items = (await world.json(EDITOR, "GET", "/v1/evidence?status=draft&held_back=true"))["items"]
    return [item["id"] for item in items]


def paper(number: int = 1, **more: Any) -> dict[str, Any]:
    identifiers = [{"scheme": "doi", "value": f"10.5555/quotes.{number}"}]
    return {**RESEARCH, "title": f"Forms for breaks, study {number}", "identifiers": identifiers, **more}
