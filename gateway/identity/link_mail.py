"""The mail with a sign-in link."""

from typing import NamedTuple

from gateway.mail.mailer import Mail


class LinkMailText(NamedTuple):
    """The subject and the text of such a mail, in some language; `{url}` stands for the link."""

    subject: str
    text: str


def compose_link_mail(address: str, url: str, words: LinkMailText) -> Mail:
    """Return the mail that brings this link to this address."""
    return Mail(address, words.subject, words.text.replace("{url}", url))
