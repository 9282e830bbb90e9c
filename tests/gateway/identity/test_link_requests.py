import asyncio
import logging
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from prometheus_client import REGISTRY
from pydantic import SecretStr

from gateway.credentials.tokens import hash_token
from gateway.identity import link_requests
from gateway.identity.commands import sign_in_by_link
from gateway.identity.link_mail import LinkMailText
from gateway.identity.link_requests import AddressKeys, LinkRequest, LinkRequests
from gateway.identity.rules import LinkExpired, LinkUsed
from gateway.mail.mailer import Mail, MailNotSent
from shared.persistence.database import Database
from shared.problems import ServiceUnavailable
from tests.conftest import FreshDatabase
from tests.gateway.world import wait_until

FIRST, SECOND = SecretStr("the first key of this test run"), SecretStr("the second key of this test run")
ADDRESS = "jo@example.org"
ENGLISH = LinkMailText("Your link", "Open this link:\n\n{url}\n")
WELSH = LinkMailText("Eich dolen", "Agorwch y ddolen:\n\n{url}\n")


@dataclass
class FailingMailer:
    """Keeps mails, after it failed as often as a test says."""

    failures: list[Exception] = field(default_factory=list[Exception])
    mails: list[Mail] = field(default_factory=list[Mail])

    async def send(self, mail: Mail) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.mails.append(mail)

    @property
    def tokens(self) -> list[str]:
        return [re.findall(r"/sign-in/(\S+?)(?:\?|\n)", mail.text)[0] for mail in self.mails]


@dataclass
class Links:
    database: Database
    mailer: FailingMailer
    requests: LinkRequests

    async def ask(self, address: str = ADDRESS, **other: Any) -> None:
        """Ask for a link and wait until its mail was sent."""
        count = len(self.mailer.mails)
        fields: dict[str, Any] = {"words": ENGLISH, **other}
        self.requests.put(LinkRequest(address, **fields))
        await wait_until(lambda: len(self.mailer.mails) > count)

    async def sign_in(self, token: str) -> str:
        """Use a link, and return the id of whom it signs in."""
        async with self.database.transaction() as uow:
            await sign_in_by_link(uow, hash_token(token), personas=False)
        return await self.sql("SELECT person_id::text FROM sessions ORDER BY id DESC LIMIT 1")

    async def sql(self, statement: str) -> Any:
        async with self.database.engine.begin() as connection:
            result = await connection.exec_driver_sql(statement)
            return result.scalar() if result.returns_rows else ""


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncGenerator[Database]:
    database = Database(await fresh_database("gateway"), "gateway", pool=6)
    yield database
    await database.close()


@asynccontextmanager
async def running(
    database: Database, *failures: Exception, allowed: bool = True, keys: AddressKeys | None = None
) -> AsyncGenerator[Links]:
    async def may_send(_digest: bytes) -> bool:
        return allowed

    mailer, stop = FailingMailer([*failures]), asyncio.Event()
    requests = LinkRequests(database, mailer, keys or AddressKeys(FIRST), "https://impact.example", may_send)
    job = asyncio.create_task(requests.run(stop))
    yield Links(database, mailer, requests)
    stop.set()
    await job


def count(outcome: str) -> float:
    return REGISTRY.get_sample_value("impact_gateway_sign_in_mails_total", {"outcome": outcome}) or 0.0


async def test_a_link_makes_a_person_when_it_is_used_first_and_knows_them_after_that(database: Database) -> None:
    async with running(database) as links:
        await links.ask()
        assert await links.sql("SELECT count(*) FROM people") == 0
        first = await links.sign_in(links.mailer.tokens[0])
        await links.ask()
        assert await links.sign_in(links.mailer.tokens[1]) == first
        await links.ask("al@example.org")
        assert await links.sign_in(links.mailer.tokens[2]) != first
    created = await links.sql("SELECT string_agg(action || ' ' || kind, ',') FROM audit_entries")
    assert created == "created Person,created Person"


async def test_neither_address_nor_link_is_in_the_database(database: Database) -> None:
    async with running(database) as links:
        await links.ask()
        (token,) = links.mailer.tokens
        await links.sign_in(token)
        for table in ("people", "one_time_links", "sessions", "audit_entries"):
            stored = await links.sql(f"SELECT string_agg(t::text, ' ') FROM {table} t")  # noqa: S608  names from here
            assert ADDRESS.encode().hex() not in stored
            assert ADDRESS not in stored
            assert token not in stored


async def test_of_several_links_any_works_and_then_none(database: Database) -> None:
    async with running(database) as links:
        for _ in range(3):
            await links.ask()
        await links.ask("al@example.org")
        await links.sign_in(links.mailer.tokens[1])
        for token in links.mailer.tokens[:3]:
            with pytest.raises(LinkUsed):
                await links.sign_in(token)
        await links.sign_in(links.mailer.tokens[3])


async def test_two_links_at_once_make_one_person(database: Database) -> None:
    async with running(database) as links:
        await links.ask()
        await links.ask()
        first, second = await asyncio.gather(*map(links.sign_in, links.mailer.tokens), return_exceptions=True)
        assert isinstance(first, str) or isinstance(second, str)
        assert await links.sql("SELECT count(*) FROM people") == 1


async def test_a_mailed_link_expires_after_half_an_hour(database: Database) -> None:
    async with running(database) as links:
        await links.ask()
        lifetime = "SELECT extract(epoch FROM expires_at - created_at)::int FROM one_time_links"
        assert await links.sql(lifetime) == 1800
        await links.sql("UPDATE one_time_links SET expires_at = now()")
        with pytest.raises(LinkExpired):
            await links.sign_in(links.mailer.tokens[0])


async def test_the_mail_has_the_words_of_the_page_and_a_link(database: Database) -> None:
    async with running(database) as links:
        await links.ask(words=WELSH)
        await links.ask()
    welsh, english = links.mailer.mails
    assert (welsh.recipient, welsh.subject) == (ADDRESS, "Eich dolen")
    assert f"https://impact.example/sign-in/{links.mailer.tokens[0]}\n" in welsh.text
    assert english.subject == "Your link"
    assert f"https://impact.example/sign-in/{links.mailer.tokens[1]}\n" in english.text


async def test_a_mail_that_does_not_go_out_is_sent_again_and_then_given_up(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(link_requests, "RETRY_DELAYS_SECONDS", (0.0, 0.0))
    sent, failed = count("sent"), count("failed")
    async with running(database, *[MailNotSent("the server answered 451")] * 2) as links:
        await links.ask()
        assert count("sent") == sent + 1
        links.mailer.failures = [MailNotSent("the server answered 451")] * 3
        links.requests.put(LinkRequest(ADDRESS, ENGLISH))
        await wait_until(lambda: count("failed") == failed + 1)
        links.mailer.failures = [MailNotSent("the server answered 550", is_final=True)]
        links.requests.put(LinkRequest(ADDRESS, ENGLISH))
        await wait_until(lambda: count("failed") == failed + 2)
        await links.ask()
    assert len(links.mailer.mails) == 2
    assert "the server answered 451" in caplog.text


async def test_mails_that_no_server_takes_keep_nobody_waiting(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_requests, "RETRY_DELAYS_SECONDS", (60.0,))
    failed = count("failed")
    async with running(database, *[MailNotSent("the server answered 451")] * 8) as links:
        for number in range(8):
            links.requests.put(LinkRequest(f"jo{number}@example.org", ENGLISH))
        await wait_until(lambda: not links.mailer.failures)
        await links.ask()
        assert len(links.mailer.mails) == 1
        links.mailer.failures = [MailNotSent("the server answered 451")]
    assert len(links.mailer.mails) == 8, "what waits is sent at once when the process ends"
    assert count("failed") == failed + 1


async def test_no_log_has_the_address_whatever_happens(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    failed = count("failed")
    async with running(database, RuntimeError(f"could not send to {ADDRESS}")) as links:
        links.requests.put(LinkRequest(ADDRESS, ENGLISH))
        await wait_until(lambda: count("failed") == failed + 1)
        await links.ask()
    assert "RuntimeError" in caplog.text
    assert ADDRESS not in caplog.text
    assert links.mailer.tokens[0] not in caplog.text
    assert ADDRESS not in repr(LinkRequest(ADDRESS, ENGLISH))


async def test_an_address_that_got_enough_mails_gets_no_more(database: Database) -> None:
    refused = count("too many")
    async with running(database, allowed=False) as links:
        links.requests.put(LinkRequest(ADDRESS, ENGLISH))
        await wait_until(lambda: count("too many") == refused + 1)
    assert links.mailer.mails == []
    assert await links.sql("SELECT count(*) FROM one_time_links") == 0


async def test_what_waits_is_sent_before_the_process_ends_and_no_more_waits_than_there_is_room_for(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_requests, "MAX_WAITING", 3)
    async with running(database) as links:
        for number in range(3):
            links.requests.put(LinkRequest(f"jo{number}@example.org", ENGLISH))
        with pytest.raises(ServiceUnavailable):
            links.requests.put(LinkRequest(ADDRESS, ENGLISH))
    assert len(links.mailer.mails) == 3


async def test_people_stay_who_they_are_when_the_key_is_replaced(database: Database) -> None:
    async with running(database) as links:
        await links.ask()
        person = await links.sign_in(links.mailer.tokens[0])
    async with running(database, keys=AddressKeys(SECOND, FIRST)) as links:
        await links.ask()
        assert await links.sign_in(links.mailer.tokens[0]) == person
    async with running(database, keys=AddressKeys(SECOND)) as links:
        await links.ask()
        assert await links.sign_in(links.mailer.tokens[0]) == person
    async with running(database, keys=AddressKeys(FIRST)) as links:
        await links.ask()
        assert await links.sign_in(links.mailer.tokens[0]) != person
