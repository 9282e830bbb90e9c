"""A provider on this machine that answers over real HTTP, and a world that harvests it."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from services.evidence.exchange.harvests.jobs import Harvester
from tests.evidence.world import EvidenceWorld, data
from tests.support.callers import EDITOR

Arguments = Mapping[str, str]
Contents = Callable[[Arguments], bytes]
Answers = Contents | Callable[[Arguments], bytes | web.Response]
IDENTIFY = (
    '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-02T03:04:05Z</responseDate>'
    "<request>x</request><Identify><granularity>{}</granularity></Identify></OAI-PMH>"
)
SECONDS = "YYYY-MM-DDThh:mm:ssZ"


@dataclass
class Provider:
    """What it answers may be changed at any time; what it was asked is kept."""

    answers: Answers
    url: str = ""
    requests: list[dict[str, str]] = field(default_factory=list[dict[str, str]])

    async def respond(self, request: web.Request) -> web.Response:
        arguments = dict(request.query)
        self.requests.append(arguments)
        content = self.answers(arguments)
        if isinstance(content, web.Response):
            return content
        return web.Response(body=content, content_type="text/xml")

    @property
    def lists(self) -> list[dict[str, str]]:
        return [arguments for arguments in self.requests if arguments["verb"] == "ListRecords"]


@asynccontextmanager
async def provider(answers: Answers) -> AsyncGenerator[Provider]:
    source = Provider(answers)
    app = web.Application()
    app.router.add_get("/oai", source.respond)
    async with served(app) as source.url:
        yield source


@asynccontextmanager
async def served(app: web.Application) -> AsyncGenerator[str]:
    """The address of what it answers at `/oai`."""
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/oai"
    finally:
        await runner.cleanup()


def sickle(first: str = "ListRecords.xml") -> Contents:
    """The recorded answers of one project: a token is the name of the next file."""
    folder = data("sickle", "sickle", "tests", "sample_data")

    def respond(arguments: Arguments) -> bytes:
        if arguments["verb"] == "Identify":
            return (folder / "Identify.xml").read_bytes()
        return (folder / arguments.get("resumptionToken", first)).read_bytes()

    return respond


def pyoai(number: int) -> Answers:
    """The recorded answers of another: files by what was asked, whatever was asked `from`."""
    folder = data("pyoai", "src", "oaipmh", "tests", f"fake{number}")
    lines = (folder / "mapping.txt").read_text().split()
    mapping = dict(zip(lines[::2], lines[1::2], strict=True))

    def respond(arguments: Arguments) -> bytes | web.Response:
        name = mapping.get(urlencode(sorted(arguments.items())))
        if name is None and arguments["verb"] == "ListRecords":
            name = next((file for query, file in mapping.items() if query.endswith("verb=ListRecords")), None)
        return web.Response(status=404) if name is None else Path(folder / name).read_bytes()

    return respond


def page(*records: str, token: str = "", size: int | None = None, at: str = "2026-01-02T03:04:05Z") -> bytes:
    size_attribute = f' completeListSize="{size}"' if size is not None else ""
    resume = f"<resumptionToken{size_attribute}>{token}</resumptionToken>" if token or size is not None else ""
    return (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
        f"<responseDate>{at}</responseDate><request>x</request>"
        f"<ListRecords>{''.join(records)}{resume}</ListRecords></OAI-PMH>"
    ).encode()


def record(name: str, *elements: tuple[str, str], deleted: bool = False) -> str:
    status = ' status="deleted"' if deleted else ""
    children = "".join(f"<dc:{element}>{text}</dc:{element}>" for element, text in elements)
    metadata = (
        '<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/">{children}</oai_dc:dc></metadata>'
    )
    return (
        f"<record><header{status}><identifier>{name}</identifier><datestamp>2026-01-01</datestamp></header>"
        f"{'' if deleted else metadata}</record>"
    )


def work(name: str, title: str | None = None, **more: str) -> str:
    payload = {"title": title or f"What carers said in {name}", "date": "2020", "creator": "Okoro, A.", **more}
    return record(name, *payload.items())


def pages(*contents: bytes, granularity: str = SECONDS) -> Contents:
    """A list whose tokens are the numbers of the pages."""

    def respond(arguments: Arguments) -> bytes:
        if arguments["verb"] == "Identify":
            return IDENTIFY.format(granularity).encode()
        return contents[int(arguments.get("resumptionToken", "0"))]

    return respond


async def new_harvest(world: EvidenceWorld, url: str, **more: Any) -> dict[str, Any]:
    world.app.state.settings.harvest_private_addresses = True
    return await world.json(EDITOR, "POST", "/v1/harvests", {"base_url": url, **more})


async def run_all(world: EvidenceWorld) -> None:
    """What the worker does until nothing is due."""
    harvester = Harvester(allow_private=True)
    while await harvester.process_next_page(world.database):
        pass


async def harvested(world: EvidenceWorld, url: str, **more: Any) -> dict[str, Any]:
    """The harvest after its first run."""
    harvest = await new_harvest(world, url, **more)
    await run_all(world)
    return await world.json(EDITOR, "GET", f"/v1/harvests/{harvest['id']}")


async def again(world: EvidenceWorld, harvest: dict[str, Any]) -> dict[str, Any]:
    """The last run after one more."""
    await world.json(EDITOR, "POST", f"/v1/harvests/{harvest['id']}/runs")
    await run_all(world)
    return (await world.json(EDITOR, "GET", f"/v1/harvests/{harvest['id']}"))["last_run"]


async def quarantine(world: EvidenceWorld, harvest: dict[str, Any]) -> list[dict[str, Any]]:
    return (await world.json(EDITOR, "GET", f"/v1/harvests/{harvest['id']}/quarantined-records"))["items"]


def counts(run: dict[str, Any]) -> tuple[int, ...]:
    """Received, created, matched, changed, deleted, quarantined."""
    names = ("received", "created", "matched", "changed", "deleted", "quarantined")
    return tuple(run[name] for name in names)


async def items(world: EvidenceWorld) -> list[dict[str, Any]]:
    return await world.rows("SELECT * FROM items ORDER BY id")
