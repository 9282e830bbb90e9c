"""The mail with a sign-in link."""

from typing import Final, NamedTuple

from gateway.mail.mailer import Mail


class LinkMailText(NamedTuple):
    """The subject and the text of such a mail, in some language; `{url}` stands for the link."""

    subject: str
    text: str


ENGLISH: Final = LinkMailText(
    "Your link to sign in to IMPACT",
    """\
Open this link to sign in to IMPACT:

{url}

The link works once, within 30 minutes. Then you can ask for a new one.

If you did not ask for it, you do not need to do anything: nobody is signed in without this link. Do not pass it on.
""",
)


def compose_link_mail(address: str, url: str, words: LinkMailText) -> Mail:
    """Return the mail that brings this link to this address."""
    return Mail(address, words.subject, words.text.replace("{url}", url))
