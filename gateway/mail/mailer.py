"""The port by which mails leave: `await mailer.send(mail)`."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail in plain text. None of it is shown where the mail is logged by mistake."""

    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)


class MailNotSent(Exception):
    """The mail did not go out. `is_final`: sending it again would fail as well."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.is_final = is_final


class Mailer(Protocol):
    """Sends mails."""

    async def send(self, mail: Mail) -> None:
        """Send it, or raise MailNotSent, whose text names neither the address nor the content."""
        ...
