"""A file that is sent again with `publish` publishes the drafts that it, or another import, brought."""

from uuid import UUID

from sqlalchemy import text

from shared.callers import Caller
from shared.events.contracts.evidence import EvidencePublished
from shared.persistence.tables import new_id
from tests.evidence.exchange.imports.test_jobs import many, wait_no_longer
from tests.evidence.exchange.imports.test_work_parser import exported
from tests.evidence.world import ACCOUNT, BY_SOMEBODY_ACTING, PRACTICE, RESEARCH, EvidenceWorld, counts
from tests.support.callers import EDITOR, NOBODY

PARTNER = Caller(new_id(), "client", scopes=frozenset({"evidence:write"}))
SILENT = ACCOUNT | {"consent": {"to_publish": False, "attribution": "anonymous"}}
SAME = b"TY  - JOUR\nTI  - Replacement care\nDO  - 10.5555/abc.1\nER  - \n"


async def publish_events(world: EvidenceWorld) -> list[EvidencePublished]:
    return [event for event in await world.events() if isinstance(event, EvidencePublished)]


async def test_the_drafts_of_a_file_are_published_when_it_is_sent_again_and_once(world: EvidenceWorld) -> None:
    topic = await world.topic()
    await world.import_file(many(1500), topics=topic)
    again = await world.import_file(many(1501), publish="true")
    assert (counts(again), again["published"]) == ((1501, 1, 1500, 0), 1500)
    assert (await world.json(NOBODY, "GET", f"/v1/topics/{topic}/coverage"))["research"] == 1500
    assert len((await world.json(NOBODY, "GET", "/v1/evidence?limit=200"))["items"]) == 200
    assert (await world.import_file(many(1501), publish="true"))["published"] == 0
    events = await publish_events(world)
    assert len({event.item_id for event in events}) == len(events) == 1501
    assert sum([str(about) for about in event.topic_ids] == [topic] for event in events) == 1500


async def test_what_is_published_so_is_what_a_post_would_have_made_of_it(world: EvidenceWorld) -> None:
    await world.import_file(many(2))
    first, second = (item["id"] for item in (await world.json(EDITOR, "GET", "/v1/evidence?status=draft"))["items"])
    await world.json(EDITOR, "POST", f"/v1/evidence/{first}/publish")
    assert (await world.import_file(many(2), publish="true"))["published"] == 1
    by_hand, in_bulk = [
        await world.rows("SELECT status, version, edition, updated_at > created_at FROM items WHERE id = :id", id=id)
        for id in (first, second)
    ]
    assert by_hand == in_bulk
    entries = "SELECT actor, action, kind, before, after - 'published_at' FROM audit_entries WHERE subject = :id"
    by_hand, in_bulk = [await world.rows(entries, id=id) for id in (first, second)]
    assert by_hand == in_bulk != []


async def test_without_a_word_of_publishing_drafts_stay_drafts(world: EvidenceWorld) -> None:
    await world.import_file(many(2))
    assert (await world.import_file(many(2)))["published"] == 0
    assert await publish_events(world) == []


async def test_no_account_is_published_so_whatever_the_file_says_of_consent(world: EvidenceWorld) -> None:
    silent, willing, practice = new_id(), new_id(), new_id()
    others = exported(ACCOUNT, willing) + exported(PRACTICE, practice)
    await world.import_file(exported(SILENT, silent) + others)
    assert (await world.import_file(exported(ACCOUNT, silent) + others, publish="true"))["published"] == 1
    assert {event.item_id for event in await publish_events(world)} == {practice}


async def test_an_account_that_a_person_wrote_here_waits_for_an_editor_whatever_is_imported(
    world: EvidenceWorld,
) -> None:
    own = await world.draft(ACCOUNT, EDITOR, consent=BY_SOMEBODY_ACTING)
    again = await world.import_file(exported(ACCOUNT, UUID(own)), publish="true")
    assert (counts(again), again["published"]) == ((1, 0, 1, 0), 0)


async def test_what_was_withdrawn_stays_so_and_what_a_person_wrote_here_waits_for_an_editor_who_read_it(
    world: EvidenceWorld,
) -> None:
    await world.import_file(many(1))
    (item,) = (await world.json(EDITOR, "GET", "/v1/evidence?status=draft"))["items"]
    await world.json(EDITOR, "POST", f"/v1/evidence/{item['id']}/withdraw")
    await world.draft(RESEARCH)
    again = await world.import_file(many(1) + SAME, publish="true")
    assert (counts(again), again["published"]) == ((2, 0, 2, 0), 0)
    assert await publish_events(world) == []


async def test_a_partner_publishes_only_what_it_brought_itself(world: EvidenceWorld) -> None:
    await world.import_file(many(1))
    for content, form in ((many(2), {}), (many(2), {"publish": "true"})):
        await world.send(content, PARTNER, **form)
        await world.read_all()
    latest = (await world.json(EDITOR, "GET", "/v1/imports"))["items"][0]
    assert (latest["matched"], latest["published"]) == (2, 1)


async def test_who_changes_a_draft_at_that_moment_is_not_waited_for_and_nothing_is_lost(world: EvidenceWorld) -> None:
    await world.import_file(many(1))
    sent = await world.send(many(1), publish="true")
    async with world.database.engine.begin() as editing:
        await editing.execute(text("SELECT FROM items FOR UPDATE"))
        await world.read_all()
        await editing.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence works'))"))
    assert await publish_events(world) == []
    await wait_no_longer(world)
    await world.read_all()
    assert (await world.json(EDITOR, "GET", sent.headers["location"]))["published"] == 1


async def test_who_refers_to_a_draft_at_that_moment_does_not_keep_it_from_being_published(world: EvidenceWorld) -> None:
    await world.import_file(many(1))
    sent = await world.send(many(1), publish="true")
    async with world.database.engine.begin() as comparing:
        await comparing.execute(text("SELECT FROM items FOR KEY SHARE"))
        await world.read_all()
        assert (await world.json(EDITOR, "GET", sent.headers["location"]))["published"] == 1
