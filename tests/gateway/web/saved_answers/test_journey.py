import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from asyncpg.pgproto.pgproto import UUID as PostgresId
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response

from gateway.web.saved_answers.jobs import delete_expired_answers
from gateway.web.saved_answers.journey import Answers, Journey
from shared.callers import Caller, person
from shared.persistence.database import Database
from shared.persistence.tables import new_id
from tests.conftest import FreshDatabase

CARER, NEIGHBOUR, NOBODY = person(PostgresId(str(new_id()))), person(new_id()), Caller()
"""The first as the database returns them: a UUID of asyncpg."""
SECRET = "What my mother said to me"
Open = Callable[..., Journey]


class Browser:
    """Keeps the cookie between requests, as a browser does."""

    def __init__(self, database: Database, public_url: str = "http://x") -> None:
        self.state = SimpleNamespace(database=database, settings=SimpleNamespace(secure=public_url.startswith("https")))
        self.cookies: dict[str, str] = {}

    def journey(self, caller: Caller, name: str = "tell") -> Journey:
        scope: dict[str, Any] = {
            "type": "http",
            "app": SimpleNamespace(state=self.state),
            "impact.identity": SimpleNamespace(caller=caller),
            "impact.cookies": self.cookies,
        }
        return Journey(Request(scope), name)

    def keep(self, journey: Journey) -> str:
        """Take the cookie of the response; returns the header."""
        header = journey.keep(Response()).headers["set-cookie"]
        name, _, value = header.partition(";")[0].partition("=")
        self.cookies = {name: value}
        return header

    async def begin(self, caller: Caller, name: str = "tell", **values: object) -> None:
        journey = self.journey(caller, name)
        await journey.begin(**values)
        self.keep(journey)

    async def save(self, caller: Caller, name: str = "tell", **values: object) -> None:
        journey = self.journey(caller, name)
        await journey.save(**values)
        self.keep(journey)

    async def load(self, caller: Caller, name: str = "tell") -> Answers | None:
        return await self.journey(caller, name).load()

    async def values(self, caller: Caller, name: str = "tell") -> dict[str, Any] | None:
        answers = await self.load(caller, name)
        return None if answers is None else answers.values


@pytest_asyncio.fixture(loop_scope="session")
async def database(fresh_database: FreshDatabase) -> Any:
    database = Database(await fresh_database("gateway"), "gateway", pool=3)
    yield database
    await database.close()


@pytest.fixture
def browser(database: Database) -> Browser:
    return Browser(database)


async def sql(database: Database, statement: str, **values: object) -> Any:
    async with database.engine.begin() as connection:
        result = await connection.execute(text(statement), values)
        return result.scalars().all() if result.returns_rows else None


async def test_answers_are_added_one_by_one_and_come_back(browser: Browser) -> None:
    assert await browser.load(CARER) is None
    await browser.begin(CARER, way="lived_experience")
    await browser.save(CARER, title="A break")
    await browser.save(CARER, title="A day off", account="I slept.")
    expected = {"way": "lived_experience", "title": "A day off", "account": "I slept."}
    assert await browser.values(CARER) == expected
    assert await browser.load(CARER, "ask") is None
    await browser.begin(CARER)
    assert await browser.values(CARER) == {}


async def test_a_session_that_ended_loses_nothing_and_shows_nothing(browser: Browser) -> None:
    await browser.begin(CARER, title="A break")
    await browser.save(NOBODY, account="Written after the session had ended")
    assert await browser.load(NOBODY) is None
    assert await browser.values(CARER) == {"title": "A break", "account": "Written after the session had ended"}


async def test_nobody_else_in_this_browser_sees_them(browser: Browser) -> None:
    await browser.begin(CARER, account=SECRET)
    assert await browser.load(NEIGHBOUR) is None
    await browser.journey(NEIGHBOUR).finish("any", "/")
    await browser.save(NEIGHBOUR, title="Mine")
    assert await browser.values(NEIGHBOUR) == {"title": "Mine"}
    assert await browser.load(CARER) is None


async def test_whoever_signs_in_first_owns_what_was_begun_without(browser: Browser) -> None:
    await browser.save(NOBODY, question="How?")
    assert await browser.values(NOBODY) == {"question": "How?"}
    assert await browser.values(CARER) == {"question": "How?"}
    await browser.save(CARER, urgency="soon")
    assert await browser.load(NOBODY) is None
    assert await browser.load(NEIGHBOUR) is None
    assert await browser.values(CARER) == {"question": "How?", "urgency": "soon"}


async def test_another_browser_has_none_of_them(browser: Browser, database: Database) -> None:
    await browser.begin(CARER, account=SECRET)
    other = Browser(database)
    for token in ("", "x", "A" * 43, next(iter(browser.cookies.values()))[:-1] + "!"):
        other.cookies = {"impact_answers": token}
        assert await other.load(CARER) is None


async def test_the_database_alone_can_be_read_by_nobody(browser: Browser, database: Database) -> None:
    await browser.begin(CARER, account=SECRET)
    (row,) = await sql(database, "SELECT saved_answers::text FROM saved_answers")
    token = next(iter(browser.cookies.values()))
    for secret in (SECRET, SECRET.encode().hex(), token, token.encode().hex(), str(CARER.id), CARER.id.bytes.hex()):
        assert secret not in row


@pytest.mark.parametrize(
    "change",
    [
        "content = set_byte(content, length(content) - 1, 255 - get_byte(content, length(content) - 1))",
        "content = set_byte(content, 20, 255 - get_byte(content, 20))",
        "content = ''::bytea",
        "content = '\\x01'::bytea",
        "journey = 'tell', content = (SELECT content FROM saved_answers WHERE journey = 'ask')",
    ],
)
async def test_what_was_altered_is_not_shown_and_a_new_beginning_works(
    browser: Browser, database: Database, change: str
) -> None:
    await browser.begin(CARER, "ask", question="How?")
    await browser.begin(CARER, account=SECRET)
    await sql(database, f"UPDATE saved_answers SET {change} WHERE journey = 'tell'")  # noqa: S608  no input
    assert await browser.load(CARER) is None
    await browser.save(CARER, account="Again")
    assert await browser.values(CARER) == {"account": "Again"}
    assert await browser.values(CARER, "ask") == {"question": "How?"}


async def test_what_is_done_keeps_only_where_it_led(browser: Browser) -> None:
    await browser.begin(CARER, account=SECRET)
    begun = await browser.load(CARER)
    assert begun is not None
    assert begun.result is None
    await browser.journey(CARER).finish("another key", "/contributions/1")
    await browser.journey(NEIGHBOUR).finish(begun.key, "/contributions/1")
    assert (await browser.load(CARER)) == begun
    await browser.journey(CARER).finish(begun.key, "/contributions/1")
    await browser.save(CARER, account="A late press of an earlier button")
    done = await browser.load(CARER)
    assert done is not None
    assert (done.key, done.values, done.result) == (begun.key, {}, "/contributions/1")
    await browser.begin(CARER)
    again = await browser.load(CARER)
    assert again is not None
    assert (again.key == begun.key, again.result) == (False, None)


async def test_a_key_stays_while_answers_change(browser: Browser) -> None:
    await browser.begin(CARER)
    first = await browser.load(CARER)
    await browser.save(CARER, title="A")
    second = await browser.load(CARER)
    assert first is not None
    assert second is not None
    assert (first.key, first.expires_at) == (second.key, second.expires_at)


async def test_two_at_once_lose_nothing(browser: Browser) -> None:
    await browser.begin(CARER)
    await asyncio.gather(*(browser.journey(CARER).save(**{f"n{n}": n}) for n in range(8)))
    assert await browser.values(CARER) == {f"n{n}": n for n in range(8)}


async def test_after_a_day_they_are_gone_and_then_deleted(browser: Browser, database: Database) -> None:
    await browser.begin(CARER, "ask", question="How?")
    await browser.begin(CARER, account=SECRET)
    (hours,) = await sql(database, "SELECT extract(epoch FROM expires_at - now()) / 3600 FROM saved_answers LIMIT 1")
    assert 23.9 < hours <= 24
    await sql(database, "UPDATE saved_answers SET expires_at = now() WHERE journey = 'tell'")
    assert await browser.load(CARER) is None
    stop = asyncio.Event()
    job = asyncio.ensure_future(delete_expired_answers(database, interval=60)(stop))
    async with asyncio.timeout(5):
        while await sql(database, "SELECT journey FROM saved_answers") != ["ask"]:  # noqa: ASYNC110  the job signals nothing
            await asyncio.sleep(0.01)
    stop.set()
    await job


async def test_somebody_deletes_all_of_their_browser_and_no_other(browser: Browser, database: Database) -> None:
    other = Browser(database)
    for begun in (browser, other):
        await begun.begin(CARER, account=SECRET)
        await begun.begin(CARER, "ask", question="How?")
    await browser.journey(NOBODY, "").delete()
    assert await browser.load(CARER) is None
    assert await browser.load(CARER, "ask") is None
    assert await other.values(CARER) == {"account": SECRET}


async def test_the_cookie_is_for_this_host_and_no_script(database: Database) -> None:
    browser = Browser(database, "https://x")
    await browser.begin(CARER)
    header = browser.keep(browser.journey(CARER))
    assert header.startswith("__Host-impact_answers=")
    for attribute in ("HttpOnly", "SameSite=lax", "Secure", "Path=/", "Max-Age=86400"):
        assert attribute in header.split("; ")
    assert "Domain" not in header
    assert "set-cookie" not in Browser(database).journey(CARER).keep(Response()).headers
