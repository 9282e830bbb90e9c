"""What the tests of the evidence service do in a word."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import httpx

from services.evidence.discovery.search.index.jobs import IndexFollower
from services.evidence.exchange.imports.jobs import process_next_part
from shared.callers import Caller
from tests.support import prerequisites
from tests.support.callers import CARER, EDITOR, NOBODY
from tests.support.world import World

DATA = prerequisites.DATA / "evidence"
RESEARCH: dict[str, Any] = {
    "way_of_knowing": "research",
    "title": "Replacement care and the health of carers",
    "summary": "A trial of regular breaks.",
    "kind": "journal_article",
    "design": "quantitative",
    "authors": ["Okoro, A.", "Lind, B."],
    "published_in": "Journal of Invented Studies",
    "published_on": "2021-05",
    "identifiers": [{"scheme": "doi", "value": "https://doi.org/10.5555/ABC.1"}],
}
ACCOUNT: dict[str, Any] = {
    "way_of_knowing": "lived_experience",
    "title": "My first week away",
    "account": "Replacement care let me sleep for the first time in a year.",
    "speaks_as": "unpaid_carer",
    "consent": {"to_publish": True, "attribution": "first_name", "name": "Mary"},
}
BY_SOMEBODY_ACTING: dict[str, Any] = {
    "to_publish": True,
    "given_by": "someone_acting_for_them",
    "basis": "the_persons_agreement",
}
"""The consent of an account that an editor, or a partner's system, records for somebody."""
PRACTICE: dict[str, Any] = {
    "way_of_knowing": "practice_knowledge",
    "title": "Booking replacement care in one call",
    "role": "social worker",
    "setting": "council team",
    "what_was_done": "One number for every provider of replacement care.",
    "what_happened": "Families got an answer the same day.",
}


def data(*parts: str) -> Path:
    """A file of the real references beside the checkout."""
    return prerequisites.data_path("evidence", *parts)


@dataclass(frozen=True, slots=True)
class EvidenceWorld(World):
    service: ClassVar[str] = "evidence"

    async def topic(self, name: str = "Breaks for carers", parent: str | None = None) -> str:
        return (await self.json(EDITOR, "POST", "/v1/topics", {"name": name, "parent_id": parent}))["id"]

    async def draft(self, item: dict[str, Any], caller: Caller = CARER, **more: Any) -> str:
        return (await self.json(caller, "POST", "/v1/evidence", item | more))["id"]

    async def publish(self, item: dict[str, Any], caller: Caller = CARER, **more: Any) -> str:
        item_id = await self.draft(item, caller, **more)
        await self.json(EDITOR, "POST", f"/v1/evidence/{item_id}/publish")
        return item_id

    async def tag(self, path: str, caller: Caller = EDITOR) -> str:
        """Return the ETag of what this caller reads at the path."""
        return (await self.call(caller, "GET", path)).headers["etag"]

    async def propose(self, item: str, caller: Caller = EDITOR, **words: Any) -> str:
        """The path of a proposal to change these words of the item at this path."""
        response = await self.call(caller, "PATCH", item, words, If_Match="*")
        assert response.status_code == 202, response.text
        return response.headers["location"]

    async def answer(self, proposal: str, caller: Caller = CARER, verb: str = "accept", **body: Any) -> Any:
        """Answer a proposal as this caller has just read it."""
        tag = await self.tag(proposal, caller)
        return await self.json(caller, "POST", f"{proposal}/{verb}", body or None, If_Match=tag)

    async def reword(self, item: str, **words: Any) -> None:
        """Change the words of an account, as an editor proposes and its person agrees."""
        await self.answer(await self.propose(item, **words))

    async def send(self, content: bytes, caller: Caller = EDITOR, **form: str) -> httpx.Response:
        async with self.client_for(caller) as http:
            return await http.post("/v1/imports", files={"file": ("references.ris", content)}, data=form)

    async def read_all(self) -> None:
        """What the worker does with imports until none is left."""
        while await process_next_part(self.database):
            pass

    async def import_file(self, content: bytes, **form: str) -> dict[str, Any]:
        """The import of this file when it has been read."""
        sent = await self.send(content, EDITOR, **form)
        assert sent.status_code == 202, sent.text
        await self.read_all()
        return await self.json(EDITOR, "GET", sent.headers["location"])

    async def undo_merge(self, merge_id: str) -> dict[str, Any]:
        """Undo a merge as an editor has just read it."""
        path = f"/v1/merges/{merge_id}"
        return await self.json(EDITOR, "POST", f"{path}/undo", If_Match=await self.tag(path))

    async def indexed(self) -> None:
        """Let this process's search index catch up."""
        await IndexFollower(self.database, self.app.state.search_index).catch_up()

    async def search(self, q: str, **filters: Any) -> Any:
        async with self.client_for(NOBODY) as http:
            response = await http.get("/v1/search", params={"q": q, **filters})
        assert response.is_success, response.text
        return response.json()


async def until(holds: Callable[[], Awaitable[Any]]) -> None:
    """Ask again and again, for ten seconds at most."""
    for _ in range(500):
        if await holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("this did not come about within ten seconds")


def counts(job: dict[str, Any]) -> tuple[int, int, int, int]:
    return job["read"], job["created"], job["matched"], job["rejected"]
