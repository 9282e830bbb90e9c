"""The mail with a sign-in link, in English or Welsh."""

from typing import Final, Literal

from gateway.mail.mailer import Mail

MailLanguage = Literal["en", "cy"]

SUBJECTS: Final[dict[MailLanguage, str]] = {
    "en": "Your link to sign in to IMPACT",
    "cy": "Eich dolen i fewngofnodi i IMPACT",
}
TEXTS: Final[dict[MailLanguage, str]] = {
    "en": """\
Open this link to sign in to IMPACT:

{url}

The link works once, within 30 minutes. Then you can ask for a new one.

If you did not ask for it, you do not need to do anything: nobody is signed in without this link. Do not pass it on.
""",
    "cy": """\
Agorwch y ddolen hon i fewngofnodi i IMPACT:

{url}

Mae'r ddolen yn gweithio unwaith, o fewn 30 munud. Wedyn gallwch ofyn am un newydd.

Os na wnaethoch chi ofyn amdani, does dim angen i chi wneud dim: ni all neb fewngofnodi heb y ddolen hon. Peidiwch â'i \
rhannu â neb.
""",
}


def compose_link_mail(address: str, url: str, language: MailLanguage) -> Mail:
    """Return the mail that brings this link to this address."""
    return Mail(address, SUBJECTS[language], TEXTS[language].format(url=url))
