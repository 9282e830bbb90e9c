"""No list shows one way of knowing alone, and a filter by place says what it leaves out."""

from typing import Any

import pytest
from sqlalchemy import text

from services.evidence.library.items import statements
from shared.callers import person
from shared.persistence.tables import new_id
from tests.evidence.exchange.imports.matches.records import ris
from tests.evidence.world import ACCOUNT, BY_SOMEBODY_ACTING, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

STUDIES = """
INSERT INTO items (way_of_knowing, status, title, summary, language, identified, details, published_at, fingerprint)
SELECT 'research', 'published', 'Study ' || n, '', 'en', false, '{"kind": "report"}',
    now() + n * interval '1 millisecond', n
FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n
"""


async def import_studies(world: EvidenceWorld, studies: int = 300, first: int = 1) -> None:
    """As a large import of today does."""
    async with world.database.transaction() as uow:
        await uow.session.execute(text(STUDIES), {"first": first, "last": first + studies - 1})


async def walk(world: EvidenceWorld, path: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = []
    url: str | None = path
    while url:
        page = await world.json(NOBODY, "GET", url.removeprefix("http://testserver"))
        items += page["items"]
        url = page["next"]
    return items


def ways(items: list[dict[str, Any]]) -> list[str]:
    return [item["way_of_knowing"] for item in items]


async def test_a_large_import_hides_no_account_and_no_practice(world: EvidenceWorld) -> None:
    for number in range(5):
        await world.publish(ACCOUNT, title=f"Account {number}")
    await world.publish(PRACTICE)
    await import_studies(world)
    first = (await world.json(NOBODY, "GET", "/v1/evidence"))["items"]
    assert ways(first)[:3] == ["research", "practice_knowledge", "lived_experience"]
    assert (len(first), ways(first).count("lived_experience"), ways(first).count("practice_knowledge")) == (50, 5, 1)
    newest = (await world.json(NOBODY, "GET", "/v1/evidence?sort=newest"))["items"]
    assert set(ways(newest)) == {"research"}
    assert newest == sorted(newest, key=lambda item: item["published_at"], reverse=True)


@pytest.mark.parametrize("limit", [1, 2, 7, 200])
async def test_the_order_is_the_same_whatever_the_size_of_a_page(world: EvidenceWorld, limit: int) -> None:
    for number in range(4):
        await world.publish(PRACTICE, title=f"Practice {number}")
    await world.publish(ACCOUNT)
    await import_studies(world, 6)
    walked = await walk(world, f"/v1/evidence?limit={limit}")
    assert [item["title"] for item in walked] == [
        "Study 6",
        ACCOUNT["title"],
        "Practice 3",
        *("Study 5", "Practice 2", "Study 4", "Practice 1", "Study 3", "Practice 0", "Study 2", "Study 1"),
    ]


async def test_what_is_published_during_a_walk_comes_neither_twice_nor_instead(world: EvidenceWorld) -> None:
    await import_studies(world, 4)
    page = await world.json(NOBODY, "GET", "/v1/evidence?limit=2")
    await world.publish(ACCOUNT)
    await import_studies(world, 4, first=5)
    rest = await walk(world, page["next"])
    assert [item["title"] for item in page["items"] + rest] == ["Study 4", "Study 3", "Study 2", "Study 1"]


async def test_the_cursor_of_one_order_is_not_valid_in_the_other(world: EvidenceWorld) -> None:
    await import_studies(world, 4)
    page = await world.json(NOBODY, "GET", "/v1/evidence?limit=2")
    response = await world.call(NOBODY, "GET", page["next"].removeprefix("http://testserver") + "&sort=newest")
    assert response.status_code == 400


def test_a_way_that_is_not_on_the_first_page_begins_after_the_newest_of_all() -> None:
    rows = [{"way_of_knowing": "research", "turn": 1, "published_at": "2026", "id": "b"}]
    position = statements.next_position(rows, None)
    assert position == [1, "2026", "b", 0, "2026", "b", 0, "2026", "b"]
    more = [{"way_of_knowing": "lived_experience", "turn": 1, "published_at": "2025", "id": "a"}]
    assert statements.next_position(more, position) == [1, "2026", "b", 1, "2025", "a", 0, "2026", "b"]


@pytest.fixture(name="places")
async def publish_places(world: EvidenceWorld) -> dict[str, str]:
    return {
        "nir": await world.publish(ACCOUNT, country="GB-NIR", setting="Home care"),
        "wls": await world.publish(PRACTICE, country="GB-WLS", setting="home care"),
        "gb": await world.publish(RESEARCH, country="GB"),
        "nowhere": await world.publish(RESEARCH, title="A trial", identifiers=[]),
        "france": await world.publish(RESEARCH, title="Un essai", identifiers=[], country="FR", setting="hospital"),
    }


@pytest.mark.parametrize("sort", ["balanced", "newest"])
@pytest.mark.parametrize(
    ("filters", "named", "without"),
    [
        ("country=GB-NIR", {"nir", "gb"}, (1, None)),
        ("country=GB", {"nir", "wls", "gb"}, (1, None)),
        ("setting=HOME%20care", {"nir", "wls"}, (None, 2)),
        ("country=GB&setting=home%20care", {"nir", "wls"}, (0, 1)),
        ("country=GB&way_of_knowing=research", {"gb"}, (1, None)),
        ("country=IE", set[str](), (1, None)),
        ("", {"nir", "wls", "gb", "nowhere", "france"}, (None, None)),
    ],
)
async def test_items_are_listed_by_country_and_setting_and_those_without_are_counted(
    world: EvidenceWorld,
    places: dict[str, str],
    sort: str,
    filters: str,
    named: set[str],
    without: tuple[int | None, int | None],
) -> None:
    page = await world.json(NOBODY, "GET", f"/v1/evidence?sort={sort}&{filters}".rstrip("&"))
    assert {item["id"] for item in page["items"]} == {places[name] for name in named}
    assert (page["without_country"], page["without_setting"]) == without


async def test_a_topic_is_listed_by_place_too(world: EvidenceWorld) -> None:
    topic = await world.topic()
    item = await world.publish(ACCOUNT, topics=[topic], country="GB-NIR")
    await world.publish(PRACTICE, topics=[topic])
    await world.publish(PRACTICE, country="GB-NIR", title="Elsewhere")
    page = await world.json(NOBODY, "GET", f"/v1/evidence?topic={topic}&country=GB-NIR")
    assert ([item["id"] for item in page["items"]], page["without_country"]) == ([item], 1)


async def test_drafts_are_listed_by_place_too(world: EvidenceWorld) -> None:
    draft = await world.draft(ACCOUNT, country="GB-NIR")
    await world.draft(ACCOUNT)
    await world.draft(ACCOUNT, EDITOR, consent=BY_SOMEBODY_ACTING)
    for caller, without in ((CARER, 1), (EDITOR, 2)):
        page = await world.json(caller, "GET", "/v1/evidence?status=draft&country=GB-NIR")
        assert ([item["id"] for item in page["items"]], page["without_country"]) == ([draft], without)


@pytest.mark.parametrize("query", ["wayofknowing=research", "country=Wales", "setting=", "sort=oldest", "place=GB"])
async def test_a_filter_that_is_not_known_is_refused(world: EvidenceWorld, query: str) -> None:
    assert (await world.problem(NOBODY, "GET", f"/v1/evidence?{query}"))["status"] == 422


@pytest.mark.parametrize("sort", ["balanced", "newest"])
async def test_a_filter_that_no_text_can_match_is_refused_in_plain_words(world: EvidenceWorld, sort: str) -> None:
    refused = await world.call(NOBODY, "GET", f"/v1/evidence?sort={sort}&setting=%00")
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (422, "unstorable-text")


async def test_a_page_further_on_counts_nothing_again(world: EvidenceWorld) -> None:
    for _ in range(3):
        await world.publish(ACCOUNT, title=f"Account {new_id()}", country="GB-NIR")
    await world.publish(ACCOUNT)
    page = await world.json(NOBODY, "GET", "/v1/evidence?country=GB-NIR&limit=2")
    following = await world.json(NOBODY, "GET", page["next"].removeprefix("http://testserver"))
    assert (page["without_country"], following["without_country"]) == (1, None)


async def test_drafts_are_of_people_or_of_files(world: EvidenceWorld) -> None:
    account = await world.draft(ACCOUNT)
    job = await world.import_file(ris(TI="A work that an import brought"))
    for query, titles in (
        ("imported=true", ["A work that an import brought"]),
        ("imported=false", [ACCOUNT["title"]]),
        (f"imported=true&import={job['id']}", ["A work that an import brought"]),
        (f"imported=false&import={job['id']}", []),
    ):
        page = await world.json(EDITOR, "GET", f"/v1/evidence?status=draft&count=true&{query}")
        assert ([item["title"] for item in page["items"]], page["total"]) == (titles, len(titles))
    await world.json(EDITOR, "POST", f"/v1/evidence/{account}/publish")
    assert (await world.json(NOBODY, "GET", "/v1/evidence?imported=true"))["items"] == []
    assert len((await world.json(NOBODY, "GET", "/v1/evidence?imported=false"))["items"]) == 1


async def test_drafts_are_found_by_the_words_of_their_titles(world: EvidenceWorld) -> None:
    for title in ("Breaks for carers", "Carers and 100 % of a break", "A plain_title"):
        await world.draft(RESEARCH, title=title, identifiers=[])
    for words, titles in (
        ("CARERS break", ["Carers and 100 % of a break", "Breaks for carers"]),
        ("%25 carers", ["Carers and 100 % of a break"]),
        ("n_t", ["A plain_title"]),
        ("nothing", []),
    ):
        page = await world.json(EDITOR, "GET", f"/v1/evidence?status=draft&title={words}")
        assert [item["title"] for item in page["items"]] == titles
    refused = await world.problem(EDITOR, "GET", "/v1/evidence?title=carers")
    assert (refused["status"], refused["title"]) == (422, "What is published is found by the search")


async def test_what_was_withdrawn_is_listed_to_editors_and_to_whoever_gave_it(world: EvidenceWorld) -> None:
    for item in (RESEARCH, ACCOUNT):
        withdrawn = await world.publish(item)
        await world.json(EDITOR, "POST", f"/v1/evidence/{withdrawn}/withdraw")
    path = "/v1/evidence?status=withdrawn"
    assert [item["title"] for item in (await world.json(EDITOR, "GET", path))["items"]] == ["", RESEARCH["title"]]
    assert len((await world.json(CARER, "GET", path))["items"]) == 2
    assert (await world.json(person(new_id()), "GET", path))["items"] == []
    assert (await world.problem(NOBODY, "GET", path))["status"] == 401


async def test_works_are_listed_by_the_notice_that_holds_for_them(world: EvidenceWorld) -> None:
    retracted = await world.publish(RESEARCH)
    await world.publish(RESEARCH, title="Another work", identifiers=[])
    await world.json(EDITOR, "POST", f"/v1/evidence/{retracted}/retract", {"nature": "retraction", "source": "Journal"})
    page = await world.json(NOBODY, "GET", "/v1/evidence?retraction=retraction&count=true")
    assert ([item["id"] for item in page["items"]], page["total"]) == ([retracted], 1)
    assert (await world.json(NOBODY, "GET", "/v1/evidence?retraction=correction"))["items"] == []
