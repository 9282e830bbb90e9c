"""Web of Science's own plain text."""

import re

from services.evidence.exchange.readers.records import Says, Start
from services.evidence.exchange.readers.tagged import Fields, Layout, Reader

_TAG = re.compile(rb"([A-Z][A-Z0-9])(?: (.*))?$", re.DOTALL)
KINDS = {"j": "journal_article", "b": "book", "s": "book", "c": "conference_paper"}


def _split(line: bytes) -> tuple[str | None, bytes]:
    if found := _TAG.match(line):
        return found[1].decode(), found[2] or b""
    return None, line


LAYOUT = Layout(
    _split,
    begins=frozenset({"PT"}),
    ends="ER",
    passed_over=frozenset({"FN", "VR", "EF"}),
    listed_by_line=frozenset({"AU", "AF", "BE", "ED", "CR"}),
)


def reader(start: Start) -> Reader:
    return Reader(LAYOUT, start)


def describe(fields: Fields) -> Says:
    def said(*tags: str) -> str | None:
        return next((" ".join(value.split()) for tag in tags for value in fields.get(tag, ()) if value), None)

    begin, end = said("BP"), said("EP")
    kind = KINDS.get((said("PT") or "").lower(), "other")
    return {
        "title": said("TI"),
        "summary": said("AB"),
        "kind": "chapter" if "chapter" in (said("DT") or "").lower() else kind,
        "authors": fields.get("AF") or fields.get("AU", []),
        "editors": fields.get("BE") or fields.get("ED", []),
        "published_in": said("SO", "JI"),
        "dates": [value for value in (said("PY"), _dated(said("PD"), said("PY"))) if value],
        "volume": said("VL"),
        "issue": said("IS"),
        "pages": f"{begin}-{end}" if begin and end else begin or said("AR"),
        "publisher": said("PU"),
        "keywords": [word for tag in ("DE", "ID") for value in fields.get(tag, ()) for word in re.split(r";", value)],
        "language": said("LA"),
        "identifiers": [
            *(("doi", value) for value in fields.get("DI", ())),
            *(("pmid", value) for value in fields.get("PM", ())),
            *(("wos", value) for value in fields.get("UT", ())),
            *(("serial", value) for tag in ("SN", "EI", "BN") for value in fields.get(tag, ())),
        ],
        "links": [],
        "kept": [],
    }


def _dated(day: str | None, year: str | None) -> str | None:
    return f"{day} {year}" if day and year and not re.search(r"[A-Z]{3}-[A-Z]{3}", day) else None
