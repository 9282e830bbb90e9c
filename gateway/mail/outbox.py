"""The mailer of a demo: mails are kept in memory and shown, and none is sent."""

from collections import deque
from datetime import datetime
from typing import Final, NamedTuple

from gateway.mail.mailer import Mail
from shared import clock

MAX_MAILS: Final = 50


class OutboxMail(NamedTuple):
    """A mail that would have been sent, and when."""

    mail: Mail
    at: datetime


class Outbox:
    """The newest mails of this process, the newest first."""

    def __init__(self) -> None:
        self.mails: deque[OutboxMail] = deque(maxlen=MAX_MAILS)

    async def send(self, mail: Mail) -> None:
        """Keep the mail; the oldest goes when there are many."""
        self.mails.appendleft(OutboxMail(mail, clock.now()))
