"""What follows the library: feeds, links for machines, the sitemap."""

from typing import Any

import httpx
from lxml import etree

from services.evidence.exchange.feeds import queries
from services.evidence.exchange.oai.commands import stamp_all
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

ATOM = "{http://www.w3.org/2005/Atom}"
TOMBSTONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def parsed(content: bytes) -> Any:
    return etree.fromstring(content)


async def get(world: EvidenceWorld, path: str) -> httpx.Response:
    return await world.call(NOBODY, "GET", path.removeprefix("http://testserver"))


async def feed(world: EvidenceWorld, path: str = "/v1/feeds/evidence") -> Any:
    """A feed, which must have what RFC 4287 asks for."""
    response = await get(world, path)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("application/atom+xml")
    root = parsed(response.content)
    assert root.tag == f"{ATOM}feed"
    for container in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(container.findall(f"{ATOM}{name}")) == 1, name
        assert container.find(f"{ATOM}id").text
        assert container.find(f"{ATOM}updated").text.endswith("Z")
        assert container.findall(f"{ATOM}author/{ATOM}name")
        assert container.find(f"{ATOM}link") is not None
    assert link(root, "self") == f"http://testserver{path.removeprefix('http://testserver')}"
    return root


def link(root: Any, relation: str) -> str | None:
    hrefs = [element.get("href") for element in root.findall(f"{ATOM}link") if element.get("rel") == relation]
    assert len(hrefs) <= 1
    return hrefs[0] if hrefs else None


def titles(root: Any) -> list[str]:
    return [element.findtext(f"{ATOM}title") for element in root.iter(f"{ATOM}entry")]


async def three(world: EvidenceWorld) -> tuple[str, str, str]:
    published = (await world.publish(RESEARCH), await world.publish(ACCOUNT), await world.publish(PRACTICE, EDITOR))
    await stamp_all(world.database)
    return published


async def test_a_feed_begins_with_what_is_newest_and_says_whom_to_credit(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH)
    await stamp_all(world.database)
    account = await world.publish(ACCOUNT)
    await stamp_all(world.database)
    root = await feed(world)
    assert titles(root) == [ACCOUNT["title"], RESEARCH["title"]]
    first, second = root.iter(f"{ATOM}entry")
    assert first.findtext(f"{ATOM}id") == f"urn:uuid:{account}"
    assert [element.text for element in first.findall(f"{ATOM}author/{ATOM}name")] == ["Mary"]
    assert [element.text for element in second.findall(f"{ATOM}author/{ATOM}name")] == RESEARCH["authors"]
    assert link(first, "alternate") == f"http://testserver/evidence/{account}"
    assert link(first, "related") == f"http://testserver/v1/evidence/{account}"
    assert ACCOUNT["account"] not in etree.tostring(root, encoding="unicode")


async def test_a_feed_of_a_place_holds_what_is_from_there_and_loses_no_withdrawal(world: EvidenceWorld) -> None:
    wales: dict[str, Any] = {"country": "GB-WLS", "setting": "Home care"}
    ireland: dict[str, Any] = {"country": "IE", "setting": "day centre"}
    topic = await world.topic()
    await world.publish(RESEARCH, title="Welsh", **wales, topics=[topic])
    await world.publish(RESEARCH, title="Irish", **ireland, identifiers=[])
    await world.publish(PRACTICE, EDITOR, title="British", country="GB", setting="day centre")
    account = await world.publish(ACCOUNT, **wales)
    await stamp_all(world.database)
    welsh = {"Welsh", ACCOUNT["title"]}
    for query, expected in (
        ("country=GB-WLS", {*welsh, "British"}),
        ("country=GB", {*welsh, "British"}),
        ("country=IE", {"Irish"}),
        ("setting=home%20care", welsh),
        ("setting=Day%20centre&country=GB&sort=newest", {"British"}),
        (f"country=GB-WLS&topic={topic}", {"Welsh"}),
        (f"country=GB-WLS&topic={topic}&way_of_knowing=research", {"Welsh"}),
        ("country=GB-WLS&way_of_knowing=lived_experience", {ACCOUNT["title"]}),
    ):
        assert set(titles(await feed(world, f"/v1/feeds/evidence?{query}"))) == expected, query
    first = await feed(world, "/v1/feeds/evidence?country=GB-WLS&limit=2")
    rest = await feed(world, link(first, "next") or "")
    assert {*titles(first), *titles(rest)} == {*welsh, "British"}
    assert link(rest, "next") is None
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    for query, expected in (("country=GB-WLS", {"Welsh", "British"}), ("setting=home%20care", {"Welsh"})):
        root = await feed(world, f"/v1/feeds/evidence?{query}")
        assert [element.get("ref") for element in root.iter(TOMBSTONE)] == [f"urn:uuid:{account}"]
        assert set(titles(root)) == expected
    assert (await get(world, "/v1/feeds/evidence?country=Wales")).status_code == 422


async def test_a_withdrawn_item_leaves_a_tombstone_at_once(world: EvidenceWorld) -> None:
    topic = await world.topic()
    item = await world.publish(ACCOUNT, topics=[topic])
    await stamp_all(world.database)
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    for path in ("/v1/feeds/evidence", f"/v1/feeds/evidence?topic={topic}"):
        root = await feed(world, path)
        assert titles(root) == []
        (left,) = root.iter(TOMBSTONE)
        assert left.get("ref") == f"urn:uuid:{item}"
        assert left.get("when").endswith("Z")
        assert "Mary" not in etree.tostring(root, encoding="unicode")


async def test_a_feed_is_walked_page_by_page_to_its_end(world: EvidenceWorld) -> None:
    await three(world)
    walked_titles: list[str] = []
    address: str | None = "/v1/feeds/evidence?limit=1"
    pages = 0
    while address is not None:
        root = await feed(world, address)
        assert link(root, "first") == "http://testserver/v1/feeds/evidence?limit=1"
        walked_titles += titles(root)
        address = link(root, "next")
        pages += 1
    assert pages == 3
    assert sorted(walked_titles) == sorted([RESEARCH["title"], ACCOUNT["title"], PRACTICE["title"]])


async def test_no_import_pushes_the_other_ways_of_knowing_off_the_first_page(world: EvidenceWorld) -> None:
    topic = await world.topic()
    await world.publish(ACCOUNT, topics=[topic])
    await world.publish(PRACTICE, EDITOR, topics=[topic])
    await stamp_all(world.database)
    for number in range(9):
        await world.publish(RESEARCH, topics=[topic], title=f"Study {number}", identifiers=[])
        await stamp_all(world.database)
    studies = [f"Study {number}" for number in reversed(range(9))]
    for path in ("/v1/feeds/evidence?limit=4", f"/v1/feeds/evidence?limit=4&topic={topic}"):
        first = await feed(world, path)
        assert set(titles(first)[:3]) == {"Study 8", ACCOUNT["title"], PRACTICE["title"]}
        assert first.findtext(f"{ATOM}updated") == max(e.findtext(f"{ATOM}updated") for e in first.iter(f"{ATOM}entry"))
        walked, address = titles(first), link(first, "next")
        while address is not None:
            page = await feed(world, address)
            walked, address = walked + titles(page), link(page, "next")
        assert sorted(walked) == sorted([*studies, ACCOUNT["title"], PRACTICE["title"]])
        assert titles(await feed(world, f"{path}&sort=newest")) == studies[:4]


async def test_a_feed_can_be_of_a_way_of_knowing_and_of_a_topic_with_those_below(world: EvidenceWorld) -> None:
    above = await world.topic("Carers")
    below = await world.topic("Breaks", above)
    await world.publish(RESEARCH, topics=[below])
    await world.publish(ACCOUNT, topics=[above])
    await world.publish(PRACTICE, EDITOR)
    await stamp_all(world.database)
    assert len(titles(await feed(world, f"/v1/feeds/evidence?topic={above}"))) == 2
    assert titles(await feed(world, f"/v1/feeds/evidence?topic={below}")) == [RESEARCH["title"]]
    assert titles(await feed(world, "/v1/feeds/evidence?way_of_knowing=lived_experience")) == [ACCOUNT["title"]]
    both = f"/v1/feeds/evidence?topic={above}&way_of_knowing=research"
    assert titles(await feed(world, both)) == [RESEARCH["title"]]
    labels = [element.get("label") for element in (await feed(world, both)).iter(f"{ATOM}category")]
    assert labels == ["research", "Breaks"]
    unknown = await get(world, f"/v1/feeds/evidence?topic={NOBODY.id}")
    assert unknown.status_code == 404


async def test_an_empty_feed_is_a_feed(world: EvidenceWorld) -> None:
    assert titles(await feed(world)) == []


async def test_a_feed_that_has_not_changed_is_not_sent_again(world: EvidenceWorld) -> None:
    await three(world)
    first = await get(world, "/v1/feeds/evidence")
    second = await world.call(NOBODY, "GET", "/v1/feeds/evidence", if_none_match=first.headers["etag"])
    assert second.status_code == 304


async def test_an_item_says_how_to_cite_it_and_what_describes_it(world: EvidenceWorld) -> None:
    work, account, _ = await three(world)
    links = (await get(world, f"/v1/evidence/{work}")).links
    assert links["cite-as"]["url"] == "https://doi.org/10.5555/abc.1"
    assert links["linkset"] == {
        "url": f"http://testserver/v1/evidence/{work}/linkset",
        "rel": "linkset",
        "type": "application/linkset+json",
    }
    described = await get(world, links["describedby"]["url"])
    assert described.status_code == 200
    assert described.headers["content-type"].startswith(links["describedby"]["type"])
    assert (await get(world, f"/v1/evidence/{account}")).links["cite-as"]["url"].endswith(f"/v1/evidence/{account}")


async def test_a_link_set_holds_every_link_and_the_way_back(world: EvidenceWorld) -> None:
    work, account, _ = await three(world)
    response = await get(world, f"/v1/evidence/{work}/linkset")
    assert response.headers["content-type"].startswith("application/linkset+json")
    around, *back = response.json()["linkset"]
    item_url = f"http://testserver/v1/evidence/{work}"
    assert around["anchor"] == item_url
    assert [element["href"] for element in around["type"]] == [
        "https://schema.org/AboutPage",
        "https://schema.org/ScholarlyArticle",
    ]
    for target, other in zip(around["describedby"], back, strict=True):
        assert other == {"anchor": target["href"], "describes": [{"href": item_url, "type": "application/json"}]}
        assert (await get(world, target["href"])).headers["content-type"].startswith(target["type"])
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    assert (await get(world, f"/v1/evidence/{account}/linkset")).status_code == 410


async def test_what_a_work_says_of_itself_ends_no_header(world: EvidenceWorld) -> None:
    hostile = {
        "identifiers": [{"scheme": "doi", "value": '10.5555/a>;rel="next",<b'}],
        "url": 'https://example.org/ü>; rel="license"',
    }
    item = await world.publish(RESEARCH | hostile)
    response = await get(world, f"/v1/evidence/{item}")
    assert response.headers["link"].count("<") == response.headers["link"].count(">") == 6
    assert set(response.links) <= {"cite-as", "type", "item", "describedby", "linkset"}
    assert response.headers["link"].isascii()


async def test_a_draft_has_no_links(world: EvidenceWorld) -> None:
    item = await world.draft(RESEARCH)
    response = await world.call(CARER, "GET", f"/v1/evidence/{item}")
    assert "link" not in response.headers
    assert (await world.call(CARER, "GET", f"/v1/evidence/{item}/linkset")).status_code == 404


async def test_the_sitemap_leads_to_everything_published_and_to_nothing_else(
    world: EvidenceWorld, monkeypatch: Any
) -> None:
    monkeypatch.setattr(queries, "MAX_SITEMAP_URLS", 2)
    items = {await world.publish(RESEARCH | {"title": f"Part {n} of five", "identifiers": []}) for n in range(5)}
    await world.draft(ACCOUNT)
    withdrawn = await world.publish(ACCOUNT | {"title": "Gone"})
    await world.json(CARER, "POST", f"/v1/evidence/{withdrawn}/withdraw")
    index = parsed((await get(world, "/sitemap.xml")).content)
    assert index.tag == f"{SITEMAP}sitemapindex"
    pages = [element.text for element in index.iter(f"{SITEMAP}loc")]
    assert len(pages) == 3
    urls_found: list[str] = []
    for page in pages:
        response = await get(world, page)
        assert response.headers["content-type"].startswith("application/xml")
        urls = list(parsed(response.content).iter(f"{SITEMAP}url"))
        assert 1 <= len(urls) <= 2
        assert all(element.findtext(f"{SITEMAP}lastmod").endswith("Z") for element in urls)
        urls_found += [element.findtext(f"{SITEMAP}loc") for element in urls]
    assert sorted(urls_found) == sorted(f"http://testserver/evidence/{item}" for item in items)


async def test_a_page_that_the_sitemap_does_not_have_is_not_found(world: EvidenceWorld) -> None:
    for name in ("x", "1-2", "99999999999999999-01900000-0000-7000-8000-000000000001", "-1-x"):
        assert (await get(world, f"/sitemap.xml?page={name}")).status_code == 404
