"""An SMTP server on loopback that takes mails, and behaves as a test says."""

import asyncio
import contextlib
import email
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default


@dataclass
class MailServer:
    """Takes mails; `replies` replaces its reply to a command."""

    port: int = 0
    context: ssl.SSLContext | None = None
    """With it the server offers STARTTLS."""
    replies: dict[str, str] = field(default_factory=dict[str, str])
    mails: list[EmailMessage] = field(default_factory=list[EmailMessage])
    recipients: list[str] = field(default_factory=list[str])
    commands: list[str] = field(default_factory=list[str])
    encrypted: bool = False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to a client until it leaves, however it does."""
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            await self._talk(reader, writer)
        writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 test\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.partition(" ")[0].upper()
            self.commands.append(verb)
            reply = self.replies.get(verb) or self._reply(verb, line)
            writer.write(f"{reply}\r\n".encode())
            await writer.drain()
            if verb == "STARTTLS" and self.context:
                await writer.start_tls(self.context)
                self.encrypted = True
            elif verb == "DATA" and reply.startswith("354"):
                content = await reader.readuntil(b"\r\n.\r\n")
                message = email.message_from_bytes(content[:-3].replace(b"\r\n..", b"\r\n."), policy=default)
                assert isinstance(message, EmailMessage)
                self.mails.append(message)
                writer.write(b"250 taken\r\n")
            elif verb == "QUIT":
                break

    def _reply(self, verb: str, line: str) -> str:
        match verb:
            case "EHLO":
                offered = ["SMTPUTF8", *(["STARTTLS"] if self.context and not self.encrypted else [])]
                return "\r\n".join(["250-test", *(f"250-{name}" for name in offered), "250 AUTH PLAIN"])
            case "RCPT":
                self.recipients.append(line)
                return "250 ok"
            case "DATA":
                return "354 go on"
            case _:
                return {"AUTH": "235 ok", "QUIT": "221 bye", "STARTTLS": "220 go on"}.get(verb, "250 ok")


@asynccontextmanager
async def mail_server(
    context: ssl.SSLContext | None = None, replies: Mapping[str, str] | None = None
) -> AsyncGenerator[MailServer]:
    """Run a server for as long as the block lasts. `replies` are by command, as in {"RCPT": "550 no"}."""
    state = MailServer(context=context, replies=dict(replies or {}))
    server = await asyncio.start_server(state.serve, "127.0.0.1", 0)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        server.close()
