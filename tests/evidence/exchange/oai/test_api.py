"""OAI-PMH: every verb, set and deleted record, each answer checked against the protocol's schema."""

from typing import Any

from lxml import etree

from services.evidence.exchange.oai import queries
from services.evidence.exchange.oai.metadata.datacite import UNKNOWN_YEAR_NOTE
from tests.evidence.exchange.oai.harvester import (
    OAI,
    all_records,
    ask,
    dublin_core,
    error_code,
    identifier,
    ids,
    parsed,
    stamped,
)
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

KERNEL = "{http://datacite.org/schema/kernel-4}"


async def records(world: EvidenceWorld, prefix: str = "oai_dc", **arguments: str) -> list[Any]:
    await stamped(world)
    return await all_records(world, metadataPrefix=prefix, **arguments)


async def test_the_library_says_what_it_is(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH)
    await stamped(world)
    fields = {
        element.tag.removeprefix(OAI): element.text
        for element in (await ask(world, verb="Identify")).find(f"{OAI}Identify")
    }
    assert fields["baseURL"] == "http://testserver/oai"
    assert fields["deletedRecord"] == "persistent"
    assert fields["granularity"] == "YYYY-MM-DDThh:mm:ssZ"
    header = (await all_records(world, "ListIdentifiers", metadataPrefix="oai_dc"))[0]
    assert fields["earliestDatestamp"] == header.find(f"{OAI}datestamp").text


async def test_a_library_with_a_domain_says_how_its_identifiers_are_made(world: EvidenceWorld) -> None:
    world.app.state.settings.oai_namespace = "library.example.org"
    root = await ask(world, verb="Identify")
    scheme = "{http://www.openarchives.org/OAI/2.0/oai-identifier}"
    assert root.findtext(f".//{scheme}repositoryIdentifier") == "library.example.org"
    sample = root.findtext(f".//{scheme}sampleIdentifier")
    assert await error_code(world, verb="GetRecord", metadataPrefix="oai_dc", identifier=sample) == "idDoesNotExist"
    world.app.state.settings.oai_namespace = ""
    assert (await ask(world, verb="Identify")).find(f".//{scheme}scheme") is None


async def test_both_formats_are_listed_for_the_library_and_for_a_record(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH)
    await stamped(world)
    for arguments in ({}, {"identifier": identifier(item)}):
        root = await ask(world, verb="ListMetadataFormats", **arguments)
        assert [element.text for element in root.iter(f"{OAI}metadataPrefix")] == ["oai_dc", "oai_datacite"]


async def test_sets_are_the_ways_of_knowing_and_the_tree_of_topics(world: EvidenceWorld) -> None:
    carers = await world.topic("Carers")
    breaks = await world.topic("Breaks", carers)
    root = await ask(world, verb="ListSets")
    names_by_spec = {
        element.find(f"{OAI}setSpec").text: element.find(f"{OAI}setName").text for element in root.iter(f"{OAI}set")
    }
    assert names_by_spec[f"topic:{carers}:{breaks}"] == "Breaks"
    assert names_by_spec[f"topic:{carers}"] == "Carers"
    assert names_by_spec["way:lived_experience"] == "Lived experience"


async def test_more_sets_than_a_page_holds_are_walked_by_token(world: EvidenceWorld, monkeypatch: Any) -> None:
    monkeypatch.setattr(queries, "SETS_PER_PAGE", 3)
    topics = {await world.topic(f"Topic {n}") for n in range(7)}
    root = await ask(world, verb="ListSets")
    specs: list[str] = []
    pages = 1
    while True:
        specs += [element.text for element in root.iter(f"{OAI}setSpec")]
        token = root.find(f".//{OAI}resumptionToken")
        if not token.text:
            break
        root = await ask(world, verb="ListSets", resumptionToken=token.text)
        pages += 1
    assert pages == 3
    assert len(specs) == len(set(specs)) == 5 + len(topics)


async def test_a_work_is_told_in_dublin_core(world: EvidenceWorld) -> None:
    topic = await world.topic("Breaks for carers")
    item = await world.publish(RESEARCH, topics=[topic], keywords=["respite"], setting="at home")
    (record,) = await records(world)
    assert dublin_core(record, "title") == [RESEARCH["title"]]
    assert dublin_core(record, "creator") == ["Okoro, A.", "Lind, B."]
    assert dublin_core(record, "subject") == ["Breaks for carers", "respite"]
    assert dublin_core(record, "identifier") == [
        f"http://testserver/v1/evidence/{item}",
        "https://doi.org/10.5555/abc.1",
    ]
    assert dublin_core(record, "type") == ["research", "JournalArticle"]
    specs = [element.text for element in record.iter(f"{OAI}setSpec")]
    assert specs == ["way:research", f"topic:{topic}"]


async def test_datacite_lies_in_its_wrapper_with_all_that_is_mandatory(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH)
    await world.publish(ACCOUNT)
    await world.publish(PRACTICE, EDITOR)
    for record in await records(world, "oai_datacite"):
        wrapper = record.find(f"{OAI}metadata")[0]
        assert wrapper.tag == "{http://schema.datacite.org/oai/oai-1.1/}oai_datacite"
        (resource,) = wrapper.find("{http://schema.datacite.org/oai/oai-1.1/}payload")
        assert resource.tag == f"{KERNEL}resource"
        names = [element.tag.removeprefix(KERNEL) for element in resource]
        assert len(names) == len(set(names))
        mandatory = {"identifier", "creators", "titles", "publisher", "publicationYear", "resourceType"}
        assert mandatory <= set(names)
        assert resource.find(f"{KERNEL}publicationYear").text.isdecimal()
        assert all("".join(element.itertext()).strip() for element in resource)


async def test_datacite_says_who_is_a_person_and_who_an_organisation(world: EvidenceWorld) -> None:
    authors = ["Okoro, Ada, Jr.", "Plato", "World Health Organization"]
    await world.publish(RESEARCH | {"authors": authors, "editors": ["Marsh, C."]})
    await world.publish(ACCOUNT)
    await world.publish(PRACTICE | {"credit": {"attribution": "organisation", "name": "Invented Council"}}, EDITOR)
    names = {
        name.text: (name.get("nameType"), *(part.text for part in name.itersiblings()))
        for record in await records(world, "oai_datacite")
        for name in record.iter(f"{KERNEL}creatorName", f"{KERNEL}contributorName")
    }
    assert names == {
        "Okoro, Ada, Jr.": ("Personal", "Ada", "Okoro"),
        "Plato": (None,),
        "World Health Organization": (None,),
        "Marsh, C.": ("Personal", "C.", "Marsh"),
        "Mary": ("Personal",),
        "Invented Council": ("Organizational",),
    }


async def test_the_year_of_research_without_a_date_says_that_it_is_that_of_the_listing(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH)
    await world.publish(RESEARCH | {"published_on": None, "title": "Undated", "identifiers": []})
    await world.publish(ACCOUNT)
    dates_by_title: dict[str, Any] = {}
    for record in await records(world, "oai_datacite"):
        dates = {element.get("dateType"): element for element in record.iter(f"{KERNEL}date")}
        year = next(record.iter(f"{KERNEL}publicationYear")).text
        title = next(record.iter(f"{KERNEL}title")).text
        dates_by_title[title] = (
            year == dates["Available"].text[:4],
            [*dates],
            dates["Available"].get("dateInformation"),
        )
    assert dates_by_title == {
        RESEARCH["title"]: (False, ["Issued", "Available"], None),
        "Undated": (True, ["Available"], UNKNOWN_YEAR_NOTE),
        ACCOUNT["title"]: (True, ["Available"], None),
    }


async def test_an_account_is_named_as_its_person_chose_and_keeps_its_words_at_home(world: EvidenceWorld) -> None:
    named_id = await world.publish(ACCOUNT)
    anonymous_id = await world.publish(
        ACCOUNT | {"title": "Nights", "consent": {"to_publish": True, "attribution": "anonymous", "name": "Hidden"}}
    )
    records_by_id = dict(zip(ids(await records(world)), await records(world), strict=True))
    assert dublin_core(records_by_id[named_id], "creator") == ["Mary"]
    assert dublin_core(records_by_id[anonymous_id], "creator") == []
    assert "consent" in dublin_core(records_by_id[named_id], "rights")[0]
    for record in records_by_id.values():
        assert ACCOUNT["account"] not in etree.tostring(record, encoding="unicode")
    document = "".join(etree.tostring(element, encoding="unicode") for element in await records(world, "oai_datacite"))
    assert "Hidden" not in document
    assert ":unal" in document
    assert str(CARER.id) not in document


async def test_one_record_is_had_by_its_identifier_in_both_formats(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH)
    await stamped(world)
    for prefix in ("oai_dc", "oai_datacite"):
        root = await ask(world, verb="GetRecord", metadataPrefix=prefix, identifier=identifier(item))
        assert ids(list(root.iter(f"{OAI}record"))) == [item]


async def test_a_topic_holds_what_is_filed_under_it_and_below(world: EvidenceWorld) -> None:
    carers = await world.topic("Carers")
    breaks = await world.topic("Breaks", carers)
    other = await world.topic("Other")
    above = await world.publish(RESEARCH, topics=[carers])
    below = await world.publish(PRACTICE, EDITOR, topics=[breaks])
    elsewhere = await world.publish(ACCOUNT, topics=[other])
    nowhere = await world.publish(ACCOUNT | {"title": "Nights"})

    async def members(spec: str) -> set[str]:
        return set(ids(await records(world, set=spec)))

    assert await members(f"topic:{carers}") == {above, below}
    assert await members(f"topic:{carers}:{breaks}") == await members(f"topic:{breaks}") == {below}
    assert await members("topic") == {above, below, elsewhere}
    assert await members("way:lived_experience") == {elsewhere, nowhere}
    assert await members("way") == {above, below, elsewhere, nowhere}


async def test_a_withdrawn_account_leaves_a_deleted_record_without_words_at_once_and_for_ever(
    world: EvidenceWorld,
) -> None:
    topic = await world.topic()
    item = await world.publish(ACCOUNT, topics=[topic])
    await stamped(world)
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    for _ in ("before it is stamped", "after"):
        for prefix in ("oai_dc", "oai_datacite"):
            (record,) = await all_records(world, metadataPrefix=prefix, set=f"topic:{topic}")
            assert record.find(f"{OAI}header").get("status") == "deleted"
            assert record.find(f"{OAI}metadata") is None
            root = await ask(world, verb="GetRecord", metadataPrefix=prefix, identifier=identifier(item))
            assert root.find(f".//{OAI}header").get("status") == "deleted"
            assert "Mary" not in etree.tostring(root, encoding="unicode")
        specs = [element.text for element in record.iter(f"{OAI}setSpec")]
        assert specs == ["way:lived_experience", f"topic:{topic}"]
        await stamped(world)


async def test_what_was_never_published_is_never_shown(world: EvidenceWorld) -> None:
    item = await world.draft(RESEARCH)
    await stamped(world)
    assert await error_code(world, verb="ListRecords", metadataPrefix="oai_dc") == "noRecordsMatch"
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    await stamped(world)
    assert await error_code(world, verb="ListRecords", metadataPrefix="oai_dc") == "noRecordsMatch"
    arguments = {"verb": "GetRecord", "metadataPrefix": "oai_dc", "identifier": identifier(item)}
    assert await error_code(world, **arguments) == "idDoesNotExist"


async def test_a_retraction_is_said_first(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH)
    notice = {"nature": "retraction", "on": "2024-02-01", "source": "the journal"}
    await world.json(EDITOR, "POST", f"/v1/evidence/{item}/retract", notice)
    (record,) = await records(world)
    assert dublin_core(record, "description")[0] == "This work has been retracted on 2024-02-01 (the journal)."


async def test_no_character_breaks_an_answer(world: EvidenceWorld) -> None:
    title = 'Care < "cost" & ]]> worth \x0b\x1f\ufffe of it \U0001f600 <script>'
    await world.publish(RESEARCH | {"title": title, "authors": ["O'Neill & Sons \x08"], "summary": "a\rb\x0cc"})
    for prefix in ("oai_dc", "oai_datacite"):
        (record,) = await records(world, prefix)
        text = "".join(record.itertext())
        assert 'Care < "cost" & ]]> worth    of it \U0001f600 <script>' in text
        assert "b c" in text
        assert "O'Neill & Sons" in text


async def test_a_form_asks_as_an_address_does(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH)
    await stamped(world)
    async with world.client_for(NOBODY) as http:
        response = await http.post("/oai", data={"verb": "ListIdentifiers", "metadataPrefix": "oai_dc"})
        error = await http.post("/oai", json={"verb": "Identify"})
    assert ids(list(parsed(response.content).iter(f"{OAI}header"))) == [item]
    assert error.status_code == 415
    assert error.headers["content-type"] == "application/problem+json"
