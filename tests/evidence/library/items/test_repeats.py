"""A repeat with the same Idempotency-Key gives nothing away that was taken back meanwhile."""

from typing import Any

import pytest

from shared.callers import Caller
from tests.evidence.publications.guides.guide_factories import guide_content, statement
from tests.evidence.publications.requests.request_factories import ASKER, WORDS
from tests.evidence.world import ACCOUNT, PRACTICE, EvidenceWorld
from tests.support.callers import CARER, EDITOR

KEY = {"Idempotency_Key": '"once"'}
WEEK_AWAY = {**ACCOUNT, "title": "My first week away", "account": "Let me sleep."}


class Sent:
    """A request with a key, to be sent again."""

    def __init__(self, world: EvidenceWorld, caller: Caller, path: str, body: Any = None) -> None:
        self.again = lambda: world.call(caller, "POST", path, body, **KEY)

    async def first(self) -> Any:
        response = await self.again()
        assert response.is_success, response.text
        return response.json()


async def published_with_requests(world: EvidenceWorld, item: dict[str, Any] = WEEK_AWAY) -> tuple[str, list[Sent]]:
    """A published item, and each request whose answer says something of it."""
    adding = Sent(world, CARER, "/v1/evidence", item)
    item_id: str = (await adding.first())["id"]
    path = f"/v1/evidence/{item_id}"
    easy = {
        "kind": "easy_read",
        "title": "A week away",
        "content": "Mary could sleep.",
        "made_on": "2026-01-02",
        "made_by": "council",
    }
    sent = [Sent(world, EDITOR, f"{path}/publish"), Sent(world, EDITOR, f"{path}/renditions", easy)]
    sent += [Sent(world, EDITOR, "/v1/guides", await guide_content(world, statement(item_id)))]
    for request in sent:
        await request.first()
    return item_id, [adding, *sent]


async def is_forgotten(sent: list[Sent]) -> None:
    for request in sent:
        response = await request.again()
        assert (response.status_code, response.headers["idempotency-replayed"]) == (410, "true")
        assert "withdrawn or erased" in response.json()["detail"]
        assert not any(erased_text in response.text for erased_text in ("sleep", "Mary", "away"))


async def test_what_a_withdrawn_account_said_is_in_no_answer_that_is_given_again(world: EvidenceWorld) -> None:
    item, sent = await published_with_requests(world)
    assert [(await request.again()).status_code for request in sent] == [201, 200, 201, 201]
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw", **KEY)
    await is_forgotten(sent)
    again = await world.call(CARER, "POST", f"/v1/evidence/{item}/withdraw", **KEY)
    assert (again.status_code, again.json()["id"]) == (200, item)
    assert len(await world.rows("SELECT 1 FROM items")) == 1


@pytest.mark.parametrize("consent", [{"to_publish": False}, {"to_publish": True, "attribution": "anonymous"}])
async def test_nor_whom_a_person_no_longer_wants_named(world: EvidenceWorld, consent: dict[str, Any]) -> None:
    item, sent = await published_with_requests(world)
    await world.json(CARER, "PUT", f"/v1/evidence/{item}/consent", consent, If_Match="*")
    await is_forgotten(sent)


async def test_nor_what_an_edition_said_that_was_erased(world: EvidenceWorld) -> None:
    item, sent = await published_with_requests(world, PRACTICE)
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"title": "Another"}, If_Match="*")
    assert (await world.call(CARER, "DELETE", f"/v1/evidence/{item}/versions/1", If_Match="*")).status_code == 204
    await is_forgotten(sent)


async def test_nor_what_somebody_asked_and_took_back(world: EvidenceWorld) -> None:
    post = Sent(world, ASKER, "/v1/evidence-requests", {"question": WORDS, "urgency": "this_week"})
    request = (await post.first())["id"]
    assert WORDS in (await post.again()).text
    await world.json(ASKER, "POST", f"/v1/evidence-requests/{request}/withdraw")
    response = await post.again()
    assert (response.status_code, "Mill Lane" in response.text) == (410, False)


async def test_what_says_nothing_of_it_is_given_again_as_before(world: EvidenceWorld) -> None:
    item, _ = await published_with_requests(world)
    other = Sent(world, EDITOR, "/v1/evidence", PRACTICE)
    first = await other.first()
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    response = await other.again()
    assert (response.json(), response.headers["idempotency-replayed"]) == (first, "true")
