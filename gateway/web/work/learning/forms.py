"""The form of a learning piece, as it is shown and read."""

from collections.abc import Iterable
from typing import Any, Final, NamedTuple
from uuid import UUID

from gateway.web.api_client import ApiRefusal, Document
from gateway.web.forms import Form
from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage
from gateway.web.work.guides.choices import CONTENT, LANGUAGES, POINT, QUESTION, TITLE
from gateway.web.work.guides.forms import read_text

QUESTIONS: Final = (1, 2, 3)
OPTIONS: Final = (1, 2, 3, 4, 5, 6)
MEDIA: Final = (1, 2, 3, 4, 5)
MAX_TITLE: Final = 300
MAX_SENTENCE: Final = 600
MAX_WHY: Final = 4_000
MAX_TEXT: Final = 20_000
MAX_SECONDS: Final = 600
TOO_LONG: Final = {
    MAX_TITLE: text("Shorten this to 300 characters or fewer"),
    MAX_SENTENCE: text("Shorten this to 600 characters or fewer"),
    MAX_WHY: text("Shorten this to 4,000 characters or fewer"),
    MAX_TEXT: text("Shorten this to 20,000 characters or fewer"),
}
FIELDS_OF_POINTERS: Final = {"/questions": "ask-1", "/items": "q", "/guides": "q", "/minutes": "text"}
"""Where on the page to write what an obstacle asks for."""


class Source(NamedTuple):
    """An item or a guide that a piece is based on; without an edition, as it is today."""

    kind: str
    id: str
    edition: int | None = None

    @property
    def value(self) -> str:
        """The source as the value of a field."""
        return f"{self.kind}/{self.id}/{self.edition or ''}"

    @property
    def path(self) -> str:
        """Its address in the API."""
        return f"/v1/{'evidence' if self.kind == 'item' else 'guides'}/{self.id}"

    @classmethod
    def of(cls, value: str) -> "Source | None":
        """Return the source that a field names, or None for anything else."""
        kind, _, rest = value.partition("/")
        id, _, edition = rest.partition("/")
        try:
            number = int(edition) if edition.isdecimal() and len(edition) < 9 else None
            return cls(kind, str(UUID(id)), number) if kind in ("item", "guide") else None
        except ValueError:
            return None


def values_of(piece: Document) -> dict[str, Any]:
    """Return the values of the form of a piece."""
    values: dict[str, Any] = {name: piece[name] or "" for name in ("title", "point", "text", "language")}
    for number, question in enumerate(piece["questions"], 1):
        values |= {f"ask-{number}": question["ask"], f"why-{number}": question["why"] or ""}
        values |= {f"option-{number}-{index}": option for index, option in enumerate(question["options"], 1)}
        values[f"right-{number}"] = "" if question["right"] is None else str(question["right"] + 1)
    for number, medium in enumerate(piece["media"], 1):
        values |= {f"media-{number}-{name}": str(medium[name]) for name in ("title", "url", "seconds")}
    values["source"] = [Source(source["kind"], source["id"], source["edition"]).value for source in piece["sources"]]
    return values


def read_sources(form: Form) -> list[Source]:
    """Return the sources in the form: with the one that was added, without the one that was dropped."""
    value: Any = form.values.get("source") or []
    current: Any = form.values.get("current") or []
    read = [Source.of(str(name)) for name in ([value] if isinstance(value, str) else value)]
    sources = [source for source in read if source is not None]
    added, dropped = Source.of(read_text(form, "add")), Source.of(read_text(form, "drop"))
    if added and (added.kind, added.id) not in [(source.kind, source.id) for source in sources]:
        sources.append(added)
    return [
        source._replace(edition=None) if f"{source.kind}/{source.id}" in current else source
        for source in sources
        if dropped is None or (source.kind, source.id) != (dropped.kind, dropped.id)
    ]


def read_piece(form: Form, page: WebPage, sources: Iterable[Source]) -> Document:
    """Return a piece as the API takes it; notes what is wrong."""
    sources = list(sources)
    return {
        "title": _text(form, page, "title", MAX_TITLE, missing=page.text("Give it a title")),
        "point": _text(form, page, "point", MAX_SENTENCE, missing=page.text("Say the one thing to take away")),
        "text": _text(form, page, "text", MAX_TEXT),
        "language": form.choice("language", tuple(LANGUAGES)) or "en",
        "questions": [question for number in QUESTIONS if (question := _read_question(form, page, number))],
        "media": [medium for number in MEDIA if (medium := _read_medium(form, page, number))],
        "items": _links(sources, "item"),
        "guides": _links(sources, "guide"),
    }


def add_refusal(form: Form, refusal: ApiRefusal, body: Document) -> None:
    """Note what the API refused at the fields of this form. Raises a refusal that is about something else."""
    if refusal.status not in (409, 422):
        raise refusal
    form.values.setdefault("q", "")
    names = dict(FIELDS_OF_POINTERS)
    names |= {f"/{kind}/{index}": "q" for kind in ("items", "guides") for index in range(len(body[kind]))}
    names |= {f"/{kind}/{index}/id": "q" for kind in ("items", "guides") for index in range(len(body[kind]))}
    for index in range(len(body["questions"])):
        names |= {f"/questions/{index}": f"ask-{index + 1}"}
        names |= {f"/questions/{index}/{name}": f"{name}-{index + 1}" for name in ("ask", "why", "right")}
        names |= {f"/questions/{index}/options/{place}": f"option-{index + 1}-{place + 1}" for place in range(6)}
    for index in range(len(body["media"])):
        names |= {f"/media/{index}/{name}": f"media-{index + 1}-{name}" for name in ("title", "url", "seconds")}
    form.add_refusal(refusal, names)


def texts_of(piece: Document) -> dict[tuple[str, str], str]:
    """Return the texts of a piece, or of what was sent, to be compared."""
    texts = {(TITLE, ""): piece["title"], (POINT, ""): piece["point"] or "", (CONTENT, ""): piece["text"] or ""}
    for number, question in enumerate(piece["questions"], 1):
        lines = [question["ask"], *question["options"], str((question["right"] or 0) + 1), question["why"] or ""]
        texts[QUESTION, str(number)] = "\n".join(lines)
    return texts


def says_the_same(piece: Document, body: Document) -> bool:
    """Return whether the piece is as it was sent: its button was pressed twice."""
    ids = {kind: [source["id"] for source in piece["sources"] if source["kind"] == kind] for kind in ("item", "guide")}
    same_sources = all(
        sorted(ids[kind]) == sorted(link["id"] for link in body[f"{kind}s"]) for kind in ("item", "guide")
    )
    return same_sources and all(
        piece[name] == body[name] for name in ("title", "point", "text", "language", "questions", "media")
    )


def _links(sources: Iterable[Source], kind: str) -> list[Document]:
    return [{"id": source.id, "edition": source.edition} for source in sources if source.kind == kind]


def _text(form: Form, page: WebPage, name: str, longest: int, *, missing: str | None = None) -> str:
    return read_text(form, name, missing=missing, longest=longest, too_long=page.text(TOO_LONG[longest]))


def _read_question(form: Form, page: WebPage, number: int) -> Document | None:
    """Return a question, or None where nothing of it was written."""
    ask, why = _text(form, page, f"ask-{number}", MAX_SENTENCE), _text(form, page, f"why-{number}", MAX_WHY)
    written = {
        str(option): words
        for option in OPTIONS
        if (words := _text(form, page, f"option-{number}-{option}", MAX_SENTENCE))
    }
    right = form.choice(f"right-{number}", tuple(map(str, OPTIONS)))
    if not (ask or why or written or right):
        return None
    if not ask:
        form.errors[f"ask-{number}"] = page.text("Write the question")
    if len(written) < 2:
        form.errors.setdefault(f"option-{number}-1", page.text("Give at least two answers to choose from"))
    elif len({words.casefold() for words in written.values()}) < len(written):
        form.errors.setdefault(f"option-{number}-1", page.text("Two answers are the same: change one of them"))
    if right not in written:
        form.errors[f"right-{number}"] = page.text("Choose which of the answers is right")
    if not why:
        form.errors[f"why-{number}"] = page.text("Say why it is right. Learners see this")
    place = list(written).index(right) if right in written else 0
    return {"ask": ask, "options": list(written.values()), "right": place, "why": why}


def _read_medium(form: Form, page: WebPage, number: int) -> Document | None:
    """Return something to watch or listen to, or None where nothing of it was written."""
    start = f"media-{number}"
    title = _text(form, page, f"{start}-title", MAX_TITLE)
    url, seconds = read_text(form, f"{start}-url"), read_text(form, f"{start}-seconds")
    if not (title or url or seconds):
        return None
    if not title:
        form.errors[f"{start}-title"] = page.text("Say what it is called")
    if not url.startswith(("https://", "http://")):
        form.errors[f"{start}-url"] = page.text("Give a full web address that begins with https://")
    length = int(seconds) if seconds.isdecimal() and len(seconds) < 4 else 0
    if not 1 <= length <= MAX_SECONDS:
        form.errors[f"{start}-seconds"] = page.text("Say how long it runs in seconds, up to 600")
    return {"title": title, "url": url, "seconds": length}
