"""Requests for sign-in links, which are mailed after the request was answered, known addresses and others alike.

The address is only in memory, until its mail was sent: what a process has not sent when it ends has to be asked for
again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from prometheus_client import Counter
from pydantic import SecretStr

from gateway.identity.addresses import digest_of
from gateway.identity.commands import create_mailed_link
from gateway.identity.link_mail import LinkMailText, compose_link_mail
from gateway.mail.mailer import Mail, Mailer, MailNotSent
from shared.persistence.database import Database
from shared.problems import ServiceUnavailable
from shared.waiting import pause

Item = TypeVar("Item")

logger = logging.getLogger(__name__)

MAX_WAITING: Final = 1000
WORKERS: Final = 4
RETRY_DELAYS_SECONDS: Final = (2.0, 10.0, 30.0)

mails_counter = Counter("impact_gateway_sign_in_mails", "Mails with a sign-in link by outcome", ["outcome"])


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Somebody typed this address, normalised. The mail has these words and nothing else of theirs."""

    address: str = field(repr=False)
    words: LinkMailText = field(repr=False)


@dataclass(frozen=True, slots=True)
class Retry:
    """A mail that the server did not take, to be sent again after the first `attempts`."""

    mail: Mail = field(repr=False)
    attempts: int


@dataclass(frozen=True, slots=True)
class AddressKeys:
    """The key of the hashes of addresses, and the one before it while it is replaced."""

    key: SecretStr
    former: SecretStr | None = None

    def digest(self, address: str) -> bytes:
        """Return the hash by which the address is known."""
        return digest_of(address, self.key.get_secret_value())

    def former_digest(self, address: str) -> bytes | None:
        """Return the hash by which it was known, while the key is replaced."""
        return None if self.former is None else digest_of(address, self.former.get_secret_value())


class LinkRequests:
    """The requests that wait for their mail. `run` is the job that sends them."""

    def __init__(
        self,
        database: Database,
        mailer: Mailer,
        keys: AddressKeys,
        public_url: str,
        may_send: Callable[[bytes], Awaitable[bool]],
    ) -> None:
        self._database, self._mailer, self._keys, self._public_url = database, mailer, keys, public_url
        self._may_send = may_send
        """Counts a mail to the address with this hash; False where it got enough of them."""
        self._waiting: asyncio.Queue[LinkRequest] = asyncio.Queue(MAX_WAITING)
        self._due: asyncio.Queue[Retry] = asyncio.Queue()
        self._retries = 0
        """How many wait for their time, or are due."""

    def put(self, request: LinkRequest) -> None:
        """Have a link mailed. Raises ServiceUnavailable where too many wait."""
        try:
            self._waiting.put_nowait(request)
        except asyncio.QueueFull:
            raise ServiceUnavailable(headers={"Retry-After": "60"}) from None

    async def run(self, stop: asyncio.Event) -> None:
        """Mail links until the event is set, and then those that wait; retries come at once then.

        A mail that is to be sent again holds no worker while it waits, and comes in a queue of its own: whoever asks
        for links that no server takes keeps nobody else waiting.
        """
        async with asyncio.TaskGroup() as tasks:

            async def answer(request: LinkRequest) -> str | None:
                mail = await self._compose(request)
                return "too many" if mail is None else await self._send(Retry(mail, 0), tasks, stop)

            async def send_again(retry: Retry) -> str | None:
                try:
                    return await self._send(retry, tasks, stop)
                finally:
                    self._retries -= 1

            workers = [tasks.create_task(_work(self._waiting, answer)) for _ in range(WORKERS)]
            workers.append(tasks.create_task(_work(self._due, send_again)))
            await stop.wait()
            await self._waiting.join()
            while self._retries:
                await self._due.join()
                await asyncio.sleep(0)
            for worker in workers:
                worker.cancel()

    async def _compose(self, request: LinkRequest) -> Mail | None:
        """Return the mail with a new link; None where the address got enough of them."""
        digest = self._keys.digest(request.address)
        if not await self._may_send(digest):
            return None
        async with self._database.session() as session, session.begin():
            token = await create_mailed_link(session, digest, self._keys.former_digest(request.address))
        return compose_link_mail(request.address, f"{self._public_url}/sign-in/{token}", request.words)

    async def _send(self, retry: Retry, tasks: asyncio.TaskGroup, stop: asyncio.Event) -> str | None:
        """Send the mail and return the outcome; None where it is to be sent again, which is then set up."""
        try:
            await self._mailer.send(retry.mail)
        except MailNotSent as error:
            logger.warning("a mail with a sign-in link was not sent: %s", error)
            if error.is_final or retry.attempts >= len(RETRY_DELAYS_SECONDS) or self._retries >= MAX_WAITING:
                return "failed"
            self._retries += 1
            tasks.create_task(self._put_back(retry, stop))
            return None
        return "sent"

    async def _put_back(self, retry: Retry, stop: asyncio.Event) -> None:
        await pause(stop, RETRY_DELAYS_SECONDS[retry.attempts])
        self._due.put_nowait(Retry(retry.mail, retry.attempts + 1))


async def _work(queue: asyncio.Queue[Item], answer: Callable[[Item], Awaitable[str | None]]) -> None:
    """Answer what comes in the queue, and count the outcomes."""
    while True:
        item = await queue.get()
        try:
            outcome = await answer(item)
        except Exception as error:  # noqa: BLE001  its text may hold the address, which no log may have
            logger.error("a sign-in link could not be mailed: %s", type(error).__name__)  # noqa: TRY400  as above
            outcome = "failed"
        finally:
            queue.task_done()
        if outcome is not None:
            mails_counter.labels(outcome).inc()
