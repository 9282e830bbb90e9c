"""Words that a person took back come in no way and in no field, whatever else stands around them."""

from typing import Any
from urllib.parse import quote

import pytest

from services.evidence.exchange.additions.rules import REPEATS, WITHHELD_REASONS
from shared.persistence.tables import new_id
from tests.evidence.exchange.harvests.provider import again, harvested, page, pages, provider, quarantine, work
from tests.evidence.exchange.imports.test_work_parser import exported
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld, counts
from tests.support.callers import CARER, EDITOR

WORDS = "Potoroo nights were the worst of it, until somebody whom I trusted stayed and let me sleep."
ABSTRACT = (
    "Background: breaks are offered late. We interviewed forty carers in two councils and analysed what they said by "
    f"theme. One of them wrote this for us: {WORDS} Breaks that could be booked without an assessment were used twice "
    "as often as others, and the difference remained a year later in both of the councils that took part in our study."
)
DISGUISES = {
    "as it is": ABSTRACT,
    "spaced out": ABSTRACT.replace(WORDS, " ".join(WORDS)),
    "look-alikes": ABSTRACT.translate(str.maketrans("aeo", "\u0430\u0435\u043e")),
    "soft hyphens": ABSTRACT.replace("o", "o\u00ad"),
}


async def take_back(world: EvidenceWorld) -> str:
    item = await world.publish(ACCOUNT, account=WORDS)
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    return item


def ris(**fields: str) -> bytes:
    named = {"TI": "Breaks in two councils", "AU": "Jones, Ann", "PY": "2019", "DO": "10.5555/breaks.1"} | fields
    named = {"TY": "JOUR", "JO": "Invented Care"} | named
    return "".join(f"{tag}  - {text}\n" for tag, text in [*named.items(), ("ER", "")]).encode()


async def records(world: EvidenceWorld, job: dict[str, Any]) -> list[dict[str, Any]]:
    return (await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/records"))["items"]


async def holds_no_word(world: EvidenceWorld) -> bool:
    tables = ("items", "item_editions", "import_conflicts", "import_rejects", "import_originals")
    rows = [str(await world.rows(f"SELECT * FROM {table}")) for table in tables]  # noqa: S608  names of this test
    return "otoroo" not in "".join(rows)


@pytest.mark.parametrize("abstract", DISGUISES.values(), ids=DISGUISES)
async def test_a_published_study_with_the_words_in_its_abstract_is_refused_with_the_reason(
    world: EvidenceWorld, abstract: str
) -> None:
    await take_back(world)
    job = await world.import_file(ris(AB=abstract) + ris(TI="Another study", DO="10.5555/breaks.2"), publish="true")
    assert counts(job) == (2, 1, 0, 1)
    refused, created = await records(world, job)
    assert (refused["outcome"], refused["reason"], refused["title"]) == ("rejected", REPEATS, None)
    assert (created["outcome"], created["reason"]) == ("created", None)
    assert await holds_no_word(world)
    [reject] = (await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects"))["items"]
    assert (reject["number"], reject["reason"]) == (1, REPEATS)


@pytest.mark.parametrize("tag", ["TI", "KW", "PB", "JO", "AU"])
async def test_no_field_of_a_file_holds_them(world: EvidenceWorld, tag: str) -> None:
    await take_back(world)
    assert counts(await world.import_file(ris(**{tag: WORDS.replace(",", "")}), publish="true")) == (1, 0, 0, 1)
    assert await holds_no_word(world)


@pytest.mark.parametrize("address", [WORDS.replace(" ", "-"), quote(WORDS), f"?words={WORDS.replace(' ', '+')}"])
@pytest.mark.parametrize("tag", ["UR", "DO"])
async def test_nor_does_an_address_or_an_identifier(world: EvidenceWorld, tag: str, address: str) -> None:
    await take_back(world)
    base = {"UR": "https://example.org/", "DO": "10.5555/"}[tag]
    assert counts(await world.import_file(ris(**{tag: base + address}), publish="true")) == (1, 0, 0, 1)
    assert await holds_no_word(world)


@pytest.mark.parametrize("field", ["population", "sample", "intervention", "involvement", "keywords", "setting"])
async def test_nor_does_one_that_an_export_of_another_library_adds(world: EvidenceWorld, field: str) -> None:
    await take_back(world)
    value = WORDS.split() if field == "keywords" else WORDS
    details = {name: RESEARCH[name] for name in ("kind", "identifiers")} | {field: value}
    content = exported(RESEARCH | {field: value}, new_id(), details=details)
    assert counts(await world.import_file(content, publish="true")) == (1, 0, 0, 1)


async def test_of_a_study_that_is_there_nothing_is_filled_and_the_record_says_why(world: EvidenceWorld) -> None:
    await world.import_file(ris(), publish="true")
    await take_back(world)
    job = await world.import_file(ris(AB=ABSTRACT, PB="A press"), publish="true")
    assert counts(job) == (1, 0, 1, 0)
    [record] = await records(world, job)
    assert (record["outcome"], record["fields"], record["reason"]) == ("matched", [], WITHHELD_REASONS["taken_back"])
    assert await holds_no_word(world)


async def test_a_copy_of_an_account_that_stands_says_whose_it_is(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT, account=WORDS)
    job = await world.import_file(exported(PRACTICE | {"what_happened": WORDS}, new_id()))
    [record] = await records(world, job)
    assert (record["item_id"], record["reason"]) == (account, WITHHELD_REASONS["given"])


async def test_a_draft_that_came_in_before_stays_one_in_whatever_field_they_are(world: EvidenceWorld) -> None:
    content = ris(AB=ABSTRACT)
    assert counts(await world.import_file(content)) == (1, 1, 0, 0)
    await take_back(world)
    assert (await world.import_file(content, publish="true"))["published"] == 0
    [draft] = (await world.json(EDITOR, "GET", "/v1/evidence?status=draft"))["items"]
    assert (await world.problem(EDITOR, "POST", f"/v1/evidence/{draft['id']}/publish"))["status"] == 409


async def test_what_is_typed_meets_the_same_gate(world: EvidenceWorld) -> None:
    await take_back(world)
    words: dict[str, Any] = {"summary": ABSTRACT, "keywords": WORDS.split(), "publisher": DISGUISES["spaced out"][:300]}
    for field, value in words.items():
        more = {field: value}
        typed: dict[str, Any] = {**RESEARCH, "identifiers": [], **more}
        assert (await world.call(EDITOR, "POST", "/v1/evidence", typed)).status_code == 409, more


async def test_what_its_person_has_given_again_comes_in(world: EvidenceWorld) -> None:
    await take_back(world)
    await world.publish(ACCOUNT, account=WORDS)
    assert counts(await world.import_file(ris(AB=ABSTRACT), publish="true")) == (1, 1, 0, 0)


async def test_a_harvested_record_with_them_waits_in_quarantine_with_the_reason(world: EvidenceWorld) -> None:
    await take_back(world)
    published = {"identifier": "https://doi.org/10.5555/oai.1", "source": "Invented Care, 3(1), 1-9"}
    first = page(work("a:1", description=ABSTRACT, **published), work("a:2"))
    async with provider(pages(first)) as source:
        harvest = await harvested(world, source.url, publish=True)
        assert (harvest["last_run"]["created"], harvest["last_run"]["quarantined"]) == (1, 1)
        [waiting] = await quarantine(world, harvest)
        assert (waiting["identifier"], waiting["reason"]) == ("a:1", REPEATS)
        source.answers = pages(page(work("a:2", description=ABSTRACT)))
        run = await again(world, harvest)
        assert (run["changed"], run["quarantined"]) == (0, 1)
    reasons = {row["identifier"]: row["reason"] for row in await quarantine(world, harvest)}
    assert "taken them back" in reasons["a:2"]
    assert await holds_no_word(world)


async def test_a_harvested_copy_says_why_it_added_nothing(world: EvidenceWorld) -> None:
    account = await take_back(world)
    async with provider(pages(page(work("a:1", title="Nights", description=WORDS, type="Lived experience")))) as source:
        harvest = await harvested(world, source.url, publish=True)
    [record] = (await world.json(EDITOR, "GET", f"/v1/harvests/{harvest['id']}/records"))["items"]
    assert (record["item_id"], record["reason"]) == (account, WITHHELD_REASONS["taken_back"])
