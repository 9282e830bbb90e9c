"""What a source answers that is broken, hostile or a refusal."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from services.evidence.exchange.harvests import rules
from tests.evidence.exchange.harvests.provider import (
    Arguments,
    counts,
    harvested,
    items,
    page,
    pages,
    provider,
    pyoai,
    quarantine,
    sickle,
    work,
)
from tests.evidence.world import EvidenceWorld


async def test_letters_of_every_script_arrive(world: EvidenceWorld) -> None:
    def answers(arguments: Arguments) -> bytes:
        if arguments["verb"] == "Identify":
            return sickle()(arguments)
        return sickle("GetRecord_utf8test.xml")(arguments).replace(b"GetRecord>", b"ListRecords>")

    async with provider(answers) as source:
        await harvested(world, source.url)
    (item,) = await items(world)
    assert item["details"]["authors"] == ["某人"]


@pytest.mark.parametrize(
    "name",
    [
        "badArgument",
        "badResumptionToken",
        "cannotDisseminateFormat",
        "idDoesNotExist",
        "noSetHierarchy",
        "undefinedError",
    ],
)
async def test_an_error_of_the_protocol_ends_the_run_and_is_told(world: EvidenceWorld, name: str) -> None:
    async with provider(sickle(f"{name}.xml")) as source:
        run = (await harvested(world, source.url))["last_run"]
    assert run["status"] == "failed"
    assert name in run["problems"][0]


async def test_broken_xml_is_asked_for_again_and_then_given_up(world: EvidenceWorld, monkeypatch: Any) -> None:
    monkeypatch.setattr(rules, "PAGE_ATTEMPTS", replace(rules.PAGE_ATTEMPTS, first_delay=timedelta(0)))
    async with provider(sickle("ListRecordsBroken.xml")) as source:
        run = (await harvested(world, source.url))["last_run"]
    assert run["status"] == "failed"
    assert "not well-formed XML" in run["problems"][0]
    assert len(source.lists) == rules.PAGE_ATTEMPTS.max_attempts


@pytest.mark.parametrize("number", [3, 4])
async def test_a_source_that_does_not_say_what_it_is_ends_no_harvest(
    world: EvidenceWorld, number: int, monkeypatch: Any
) -> None:
    monkeypatch.setattr(rules, "PAGE_ATTEMPTS", replace(rules.PAGE_ATTEMPTS, first_delay=timedelta(0)))

    def answers(arguments: Arguments) -> bytes | web.Response:
        return pyoai(number if arguments["verb"] == "Identify" else 1)(arguments)

    async with provider(answers) as source:
        run = (await harvested(world, source.url))["last_run"]
    assert run["status"] == "failed"
    assert run["problems"]


@pytest.mark.parametrize(
    "hostile",
    [
        b'<!DOCTYPE x [<!ENTITY a "b">]><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">&a;</OAI-PMH>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
        b"<a>" * 100_000,
        b"<html>Please sign in</html>",
        b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>' + b"<record " * 20_000,
        b"<OAI-PMH " * 20_000,
        page("<record/>" * 1_000_000),
        b"",
    ],
)
async def test_what_is_no_answer_is_not_read(world: EvidenceWorld, hostile: bytes, monkeypatch: Any) -> None:
    monkeypatch.setattr(rules, "PAGE_ATTEMPTS", replace(rules.PAGE_ATTEMPTS, first_delay=timedelta(0)))
    async with provider(lambda _: hostile) as source:
        run = (await harvested(world, source.url))["last_run"]
    assert run["status"] == "failed"
    assert await items(world) == []


async def test_characters_that_xml_has_no_place_for_do_not_cost_a_page(world: EvidenceWorld) -> None:
    broken = page(work("a:1", "Care\x0b at&#x1F; home and what it is")).replace(b"Okoro", b"Ok\x00oro")
    async with provider(pages(broken)) as source:
        run = (await harvested(world, source.url))["last_run"]
    assert counts(run) == (1, 1, 0, 0, 0, 0)
    assert (await items(world))[0]["title"] == "Care at home and what it is"


async def test_one_record_of_broken_xml_does_not_cost_the_others(world: EvidenceWorld) -> None:
    broken = "<record><header><identifier>a:2</identifier></header><metadata><title>Care & more</metadata></record>"
    answers = page(work("a:1"), broken, work("a:3"), token="1", size=4), page(work("a:4"))
    async with provider(pages(*answers)) as source:
        harvest = await harvested(world, source.url)
    assert counts(harvest["last_run"]) == (4, 3, 0, 0, 0, 1)
    (quarantined,) = await quarantine(world, harvest)
    assert (quarantined["identifier"], quarantined["raw"]) == ("a:2", broken)
    assert quarantined["reason"] == "Its XML is not well-formed."


async def test_letters_that_are_not_utf_8_do_not_cost_a_page(world: EvidenceWorld) -> None:
    async with provider(pages(page(work("a:1", "Care in Caf_")).replace(b"Caf_", b"Caf\xe9"))) as source:
        run = (await harvested(world, source.url))["last_run"]
    assert counts(run) == (1, 1, 0, 0, 0, 0)
    assert (await items(world))[0]["title"] == "Care in Caf\ufffd"
