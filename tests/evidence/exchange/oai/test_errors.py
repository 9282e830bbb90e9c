"""Every error of the protocol, each in an answer that the protocol's schema accepts."""

import pytest

from tests.evidence.exchange.oai.harvester import OAI, ask, code_of, error_code, identifier, parsed, stamped
from tests.evidence.world import RESEARCH, EvidenceWorld
from tests.support.callers import NOBODY

GET = "verb=GetRecord"
LIST = "verb=ListRecords&metadataPrefix=oai_dc"
NOBODYS = "oai:testserver:01900000-0000-7000-8000-000000000001"
INVALID_REQUESTS = [
    ("", "badVerb"),
    ("verb", "badVerb"),
    ("verb=Nonsense", "badVerb"),
    ("verb=identify", "badVerb"),
    ("verb=Identify&verb=Identify", "badVerb"),
    ("metadataPrefix=oai_dc", "badVerb"),
    ("verb=Identify&metadataPrefix=oai_dc", "badArgument"),
    ("verb=ListRecords", "badArgument"),
    ("verb=ListIdentifiers&until=2020-01-01", "badArgument"),
    (f"{LIST}&metadataPrefix=oai_dc", "badArgument"),
    (f"{LIST}&identifier={NOBODYS}", "badArgument"),
    (f"{LIST}&colour=red", "badArgument"),
    (f"{LIST}&resumptionToken=x", "badArgument"),
    (f"{LIST}&from=2020-13-01", "badArgument"),
    (f"{LIST}&from=2020", "badArgument"),
    (f"{LIST}&from=", "badArgument"),
    (f"{LIST}&from=2020-01-01T00:00:00", "badArgument"),
    (f"{LIST}&from=2020-01-01&until=2020-01-02T00:00:00Z", "badArgument"),
    (f"{LIST}&from=2020-01-02&until=2020-01-01", "badArgument"),
    (f"{LIST}&set=a%20b", "badArgument"),
    (f"{LIST}&set=way::research", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai%20dc", "badArgument"),
    (f"{GET}&metadataPrefix=oai_dc", "badArgument"),
    (f"{GET}&identifier={NOBODYS}", "badArgument"),
    (f"{GET}&metadataPrefix=oai_dc&identifier=a%20b", "badArgument"),
    (f"{GET}&metadataPrefix=oai_dc&identifier=%ff", "badArgument"),
    ("verb=ListSets&set=way", "badArgument"),
    ("verb=ListRecords&metadataPrefix=marc21", "cannotDisseminateFormat"),
    (f"{GET}&metadataPrefix=marc21&identifier={NOBODYS}", "cannotDisseminateFormat"),
    (f"{GET}&metadataPrefix=oai_dc&identifier={NOBODYS}", "idDoesNotExist"),
    (f"{GET}&metadataPrefix=oai_dc&identifier=oai:other.org:1", "idDoesNotExist"),
    (f"{GET}&metadataPrefix=oai_dc&identifier=oai:testserver:1", "idDoesNotExist"),
    ("verb=ListMetadataFormats&identifier=oai:testserver:1", "idDoesNotExist"),
    ("verb=ListRecords&resumptionToken=nonsense", "badResumptionToken"),
    ("verb=ListRecords&resumptionToken=", "badResumptionToken"),
    ("verb=ListRecords&resumptionToken=%00%0b", "badResumptionToken"),
    ("verb=ListSets&resumptionToken=ListSets~x~1", "badResumptionToken"),
    ("verb=ListSets&resumptionToken=ListSets~ffffffff-ffff-7fff-8fff-ffffffffffff~9", "badResumptionToken"),
    (
        "verb=ListRecords&resumptionToken=ListRecords~marc~~~~20200101T000000.000000Z~" + NOBODYS[15:] + "~1~",
        "badResum",
    ),
    (f"{LIST}&until=1999-12-31", "noRecordsMatch"),
    (f"{LIST}&from=9999-12-31", "noRecordsMatch"),
    (f"{LIST}&set=way:nobody", "noRecordsMatch"),
    (f"{LIST}&set=topic:1", "noRecordsMatch"),
    (f"{LIST}&set=topic:{NOBODYS[15:]}", "noRecordsMatch"),
    (f"{LIST}&set=nowhere", "noRecordsMatch"),
]


async def test_each_mistake_is_answered_with_its_error(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH)
    await stamped(world)
    async with world.client_for(NOBODY) as http:
        for query, code in INVALID_REQUESTS:
            response = await http.get(f"/oai?{query}")
            assert response.status_code == 200, query
            root = parsed(response.content)
            assert code_of(root).startswith(code), (query, code_of(root))
            arguments = root.find(f"{OAI}request").attrib
            assert bool(arguments) == (code not in ("badVerb", "badArgument")), query


async def test_a_token_is_good_for_its_own_verb_alone(world: EvidenceWorld) -> None:
    token = "ListIdentifiers~oai_dc~~~~20200101T000000.000000Z~01900000-0000-7000-8000-000000000001~1~"
    assert await error_code(world, verb="ListRecords", resumptionToken=token) == "badResumptionToken"


async def test_the_last_second_and_the_last_day_of_time_are_taken(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH)
    await stamped(world)
    for until in ("9999-12-31", "9999-12-31T23:59:59Z"):
        root = await ask(world, verb="ListIdentifiers", metadataPrefix="oai_dc", until=until)
        assert root.find(f".//{OAI}identifier").text == identifier(item)


@pytest.mark.parametrize("many", [21, 2_000])
async def test_more_arguments_than_anyone_needs_are_refused(world: EvidenceWorld, many: int) -> None:
    async with world.client_for(NOBODY) as http:
        response = await http.get("/oai?" + "&".join(f"a{n}=1" for n in range(many)))
    assert code_of(parsed(response.content)) == "badArgument"
