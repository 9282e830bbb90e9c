import datetime
import ipaddress
import ssl
from email.errors import MessageError
from pathlib import Path

import aiosmtplib
import pytest
from aiosmtplib import SMTPNotSupported
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.identity.link_mail import LinkMailText, compose_link_mail
from gateway.mail.mailer import Mail, MailNotSent
from gateway.mail.smtp import SmtpMailer
from tests.gateway.mail.mail_server import mail_server

SENDER = "IMPACT <no-reply@impact.example>"
MAIL = Mail("jo@example.org", "A subject", "Text\n.\nwith a dot\n")


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """Return the context of a server whose certificate this process trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    (tmp_path / "certificate.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    return context


async def test_a_mail_is_plain_text_from_the_sender_of_the_settings() -> None:
    async with mail_server() as server:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}", sender=SENDER, starttls=False)
        await mailer.send(MAIL)
    (mail,) = server.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, "jo@example.org", "A subject")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"].endswith("@impact.example>")
    assert mail["Date"]
    assert (mail.get_content_type(), mail.get_content().replace("\r\n", "\n")) == ("text/plain", MAIL.text)


async def test_a_mail_in_welsh_arrives_as_it_is() -> None:
    words = LinkMailText("Eich dolen i fewngofnodi: cyfle i ŵyr", "Agorwch y ddolen, heb ei rhannu â neb:\n\n{url}\n")
    mail = compose_link_mail("jo@example.cymru", "http://127.0.0.1/sign-in/impact_link_" + "x" * 60, words)
    async with mail_server() as server:
        await SmtpMailer(f"smtp://127.0.0.1:{server.port}", sender=SENDER, starttls=False).send(mail)
    (arrived,) = server.mails
    assert arrived["Subject"] == words.subject
    assert "x" * 60 + "\n" in arrived.get_content().replace("\r\n", "\n")
    assert "rhannu â neb" in arrived.get_content()


async def test_an_address_is_not_decoded_on_its_way() -> None:
    encoded = "=?utf-8?q?victim?=@example.org"
    async with mail_server() as server:
        mailer = SmtpMailer(f"smtp://127.0.0.1:{server.port}", sender=SENDER, starttls=False)
        with pytest.raises(MailNotSent) as refused:
            await mailer.send(Mail(encoded, "A subject", "Text\n"))
    assert (server.recipients, refused.value.is_final) == ([], True)


async def test_nothing_goes_out_unencrypted_unless_it_is_set() -> None:
    async with mail_server() as server:
        with pytest.raises(MailNotSent) as refused:
            await SmtpMailer(f"smtp://user:secret@127.0.0.1:{server.port}", sender=SENDER).send(MAIL)
    assert (server.mails, "AUTH" in server.commands) == ([], False)
    assert "example.org" not in str(refused.value)


async def test_starttls_comes_before_the_password(tls: ssl.SSLContext) -> None:
    async with mail_server(tls) as server:
        await SmtpMailer(f"smtp://user:p%40ss@127.0.0.1:{server.port}", sender=SENDER).send(MAIL)
    assert len(server.mails) == 1
    assert server.commands.index("STARTTLS") < server.commands.index("AUTH")


async def test_a_certificate_that_nobody_trusts_is_refused(
    tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    async with mail_server(tls) as server:
        with pytest.raises(MailNotSent):
            await SmtpMailer(f"smtp://127.0.0.1:{server.port}", sender=SENDER).send(MAIL)
    assert server.mails == []


@pytest.mark.parametrize(
    ("replies", "is_final"),
    [
        ({"RCPT": "550 no such mailbox"}, True),
        ({"RCPT": "450 try later"}, False),
        ({"MAIL": "451 try later"}, False),
        ({"DATA": "554 no"}, True),
    ],
)
async def test_a_refusal_for_good_is_told_from_one_for_now_and_names_no_address(
    replies: dict[str, str], is_final: bool
) -> None:
    async with mail_server(replies=replies) as server:
        with pytest.raises(MailNotSent) as refused:
            await SmtpMailer(f"smtp://127.0.0.1:{server.port}", sender=SENDER, starttls=False).send(MAIL)
    assert refused.value.is_final == is_final
    assert "example.org" not in str(refused.value)


@pytest.mark.parametrize("error", [SMTPNotSupported("x"), UnicodeEncodeError("ascii", "x", 0, 1, "x"), MessageError()])
async def test_what_never_succeeds_is_a_refusal_for_good(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    async def send(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(aiosmtplib, "send", send)
    with pytest.raises(MailNotSent) as refused:
        await SmtpMailer("smtp://127.0.0.1:1", sender=SENDER, starttls=False).send(MAIL)
    assert refused.value.is_final


async def test_a_server_that_is_down_is_no_refusal_for_good() -> None:
    with pytest.raises(MailNotSent) as refused:
        await SmtpMailer("smtp://127.0.0.1:1", sender=SENDER, starttls=False).send(MAIL)
    assert not refused.value.is_final


def test_what_is_logged_of_a_mail_is_nothing() -> None:
    assert repr(MAIL) == "Mail()"
