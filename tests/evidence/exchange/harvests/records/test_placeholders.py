"""A record that only holds a place makes no item, whether it comes from another library or in a file."""

import pytest

from services.evidence.exchange.imports.research_parser import PLACEHOLDER_TITLE
from tests.evidence.exchange.harvests.provider import counts, harvested, items, page, pages, provider, quarantine, work
from tests.evidence.world import EvidenceWorld
from tests.evidence.world import counts as import_counts
from tests.support.callers import EDITOR

TITLES = ["No title", "[No title available]", "Untitled", "TEST", "Lorem ipsum dolor sit amet, consectetur", "(:unav)"]


@pytest.mark.parametrize("title", TITLES)
async def test_a_placeholder_in_the_place_of_a_title_is_none(world: EvidenceWorld, title: str) -> None:
    async with provider(pages(page(work("a:1", title=title), work("a:2")))) as source:
        harvest = await harvested(world, source.url)
    assert counts(harvest["last_run"]) == (2, 1, 0, 0, 0, 1)
    assert [row["reason"] for row in await quarantine(world, harvest)] == [PLACEHOLDER_TITLE]
    job = await world.import_file(f"TY  - JOUR\nTI  - {title}\nAU  - Jones, Ann\nPY  - 2019\nER  - \n".encode())
    assert import_counts(job) == (1, 0, 0, 1)
    [reject] = (await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects"))["items"]
    assert reject["reason"] == PLACEHOLDER_TITLE


@pytest.mark.parametrize("title", ["Test of a rota", "Untitled: on work without a name", "No title, no pay", "Go"])
async def test_a_title_that_begins_like_one_is_a_title(world: EvidenceWorld, title: str) -> None:
    async with provider(pages(page(work("a:1", title=title)))) as source:
        harvest = await harvested(world, source.url)
    assert counts(harvest["last_run"]) == (1, 1, 0, 0, 0, 0)


async def test_a_placeholder_in_the_place_of_an_abstract_says_nothing(world: EvidenceWorld) -> None:
    texts = [work("a:1", description="Test"), work("a:2", description="No abstract available")]
    async with provider(pages(page(*texts))) as source:
        await harvested(world, source.url)
    assert [item["summary"] for item in await items(world)] == ["", ""]
