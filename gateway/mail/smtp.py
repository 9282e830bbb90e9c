"""The mailer that hands mails to a server by SMTP."""

from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid, parseaddr
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib import SMTPException, SMTPNotSupported, SMTPRecipientsRefused, SMTPResponseException

from gateway.mail.mailer import Mail, MailNotSent

TIMEOUT_SECONDS: Final = 15.0


class SmtpMailer:
    """Sends each mail by a connection of its own.

    `smtp://` requires STARTTLS unless `starttls` is false, and `smtps://` begins with TLS; certificates are verified.
    """

    def __init__(self, url: str, *, sender: str, starttls: bool = True) -> None:
        parts = urlsplit(url)
        self._sender = sender
        self._host, self._port = parts.hostname or "", parts.port
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None
        self._tls = parts.scheme == "smtps"
        self._starttls = starttls and not self._tls

    async def send(self, mail: Mail) -> None:
        """Send the mail. Raises MailNotSent, for good where the server refuses so (5xx) or cannot take such a mail."""
        try:
            await aiosmtplib.send(
                self._message(mail),
                recipients=[mail.recipient],
                hostname=self._host,
                port=self._port,
                username=self._username,
                password=self._password,
                use_tls=self._tls,
                start_tls=self._starttls,
                timeout=TIMEOUT_SECONDS,
            )
        except SMTPRecipientsRefused as error:
            is_final = all(refusal.code >= 500 for refusal in error.recipients)
            raise MailNotSent("the server refuses the recipient", is_final=is_final) from None
        except SMTPResponseException as error:
            raise MailNotSent(f"the server answered {error.code}", is_final=error.code >= 500) from None
        except (SMTPNotSupported, MessageError) as error:
            raise MailNotSent(type(error).__name__, is_final=True) from None
        except (SMTPException, OSError) as error:
            raise MailNotSent(type(error).__name__) from None
        except ValueError as error:  # after OSError: of a certificate that is refused it is both
            raise MailNotSent(type(error).__name__, is_final=True) from None

    def _message(self, mail: Mail) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = Address(addr_spec=mail.recipient)
        message["Subject"] = mail.subject
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=parseaddr(self._sender)[1].rpartition("@")[2] or None)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        return message
