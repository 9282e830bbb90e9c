"""OAI-PMH: long lists are walked by resumption tokens."""

from typing import Any

import pytest
from sqlalchemy import text

from services.evidence.exchange.oai import queries
from tests.evidence.exchange.oai.harvester import OAI, ask, ids, stamped
from tests.evidence.world import EvidenceWorld

MANY = text(
    """
    INSERT INTO items (way_of_knowing, status, title, summary, language, details, published_at, identified)
    SELECT 'research', 'published', 'Part ' || n, '', 'en', '{"kind": "other"}', now(), true
    FROM generate_series(1, :number) n
    """
)


async def many(world: EvidenceWorld, number: int) -> None:
    """Published references."""
    async with world.database.transaction() as uow:
        await uow.session.execute(MANY, {"number": number})
    await stamped(world)


async def test_a_long_list_is_walked_by_tokens_and_ends_with_an_empty_one(
    world: EvidenceWorld, monkeypatch: Any
) -> None:
    monkeypatch.setattr(queries, "RECORDS_PER_PAGE", 4)
    await many(world, 10)
    root = await ask(world, verb="ListRecords", metadataPrefix="oai_dc")
    harvested_ids, tokens = ids(list(root.iter(f"{OAI}record"))), [root.find(f".//{OAI}resumptionToken")]
    while tokens[-1].text:
        root = await ask(world, verb="ListRecords", resumptionToken=tokens[-1].text)
        harvested_ids += ids(list(root.iter(f"{OAI}record")))
        tokens.append(root.find(f".//{OAI}resumptionToken"))
    assert len(harvested_ids) == len(set(harvested_ids)) == 10
    assert [(token.get("cursor"), token.get("completeListSize")) for token in tokens] == [
        ("0", "10"),
        ("4", "10"),
        ("8", "10"),
    ]
    assert not tokens[-1].text


@pytest.mark.parametrize("since", ["0001-01-01", "0999-12-31"])
async def test_a_list_from_the_first_day_of_a_calendar_on_is_walked_to_its_end(
    world: EvidenceWorld, monkeypatch: Any, since: str
) -> None:
    monkeypatch.setattr(queries, "RECORDS_PER_PAGE", 4)
    await many(world, 6)
    root = await ask(world, verb="ListIdentifiers", metadataPrefix="oai_dc", from_=since)
    rest = await ask(world, verb="ListIdentifiers", resumptionToken=root.find(f".//{OAI}resumptionToken").text)
    assert len(list(root.iter(f"{OAI}header"))) + len(list(rest.iter(f"{OAI}header"))) == 6


async def test_a_list_that_fits_on_one_page_has_no_token(world: EvidenceWorld, monkeypatch: Any) -> None:
    monkeypatch.setattr(queries, "RECORDS_PER_PAGE", 10)
    await many(world, 10)
    root = await ask(world, verb="ListIdentifiers", metadataPrefix="oai_dc")
    assert root.find(f".//{OAI}resumptionToken") is None


async def test_a_token_goes_on_after_a_restart_with_another_key(world: EvidenceWorld, monkeypatch: Any) -> None:
    monkeypatch.setattr(queries, "RECORDS_PER_PAGE", 4)
    await many(world, 6)
    root = await ask(world, verb="ListIdentifiers", metadataPrefix="oai_dc", set="way:research", from_="2020-01-01")
    token = root.find(f".//{OAI}resumptionToken").text
    world.app.state.settings.cursor_key = type(world.app.state.settings.cursor_key)("another key")
    once, twice = [await ask(world, verb="ListIdentifiers", resumptionToken=token) for _ in range(2)]
    assert ids(list(once.iter(f"{OAI}header"))) == ids(list(twice.iter(f"{OAI}header")))
    assert len(list(once.iter(f"{OAI}header"))) == 2
