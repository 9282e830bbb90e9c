"""What an answer cites: items and guides, chosen by checkboxes or by their address, as they are now."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from gateway.web.api_client import ApiRefusal, Document, PublicApi
from gateway.web.forms import Form

Kind = Literal["item", "guide"]
MAX_SOURCES: Final = 50
MAX_MERGES: Final = 5
PATHS: Final[dict[Kind, str]] = {"item": "/v1/evidence", "guide": "/v1/guides"}
_ID: Final = r"([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})"
_choice = re.compile(rf"(item|guide):{_ID}")
_address = re.compile(rf"(?:.*/)?(evidence|guides)/{_ID}(?:[/?#].*)?")
_bare = re.compile(_ID)


@dataclass(frozen=True, slots=True)
class AnswerSource:
    """An item or guide. `title` is None where it is not there, or not for this caller."""

    kind: Kind
    id: str
    title: str | None = None
    way_of_knowing: str | None = None
    is_public: bool = False
    retraction: str | None = None
    language: str = "en"

    @property
    def choice(self) -> str:
        """The value of its checkbox."""
        return f"{self.kind}:{self.id}"

    @property
    def page(self) -> str:
        """The address of its page."""
        return f"/{'guides' if self.kind == 'guide' else 'evidence'}/{self.id}"


def chosen(form: Form) -> list[tuple[Kind, str]]:
    """Return kind and id of what is ticked, without repetitions."""
    value: Any = form.values.get("cite")
    values: list[str] = [value] if isinstance(value, str) else value or []
    matches = filter(None, map(_choice.fullmatch, values))
    return list(dict.fromkeys((cast("Kind", match[1]), match[2]) for match in matches))


async def find_sources(api: PublicApi, pairs: Iterable[tuple[Kind, str]]) -> list[AnswerSource]:
    """Return these items and guides as they are now."""
    return list(await asyncio.gather(*(_find(api, kind, id) for kind, id in pairs)))


async def find_by_address(api: PublicApi, address: str) -> AnswerSource | None:
    """Return what an address of a page or of the API names, or an id; None where it names nothing that is there."""
    text = address.strip().lower()
    if match := _address.fullmatch(text):
        candidates: Sequence[tuple[Kind, str]] = [("guide" if match[1] == "guides" else "item", match[2])]
    elif _bare.fullmatch(text):
        candidates = [("item", text), ("guide", text)]
    else:
        return None
    return next((source for source in await find_sources(api, candidates) if source.title), None)


def result_source(result: Document) -> AnswerSource:
    """Return what a result of the search names."""
    kind: Kind = "guide" if result["is"] == "guide" else "item"
    return AnswerSource(
        kind, result["id"], result["title"], result.get("way_of_knowing"), True, _nature(result), _language(result)
    )


def cited_source(cited: Document) -> AnswerSource | None:
    """Return what another answer cites, or None where it should be cited no more."""
    if not cited["is_published"] or not cited["title"] or cited["doubt"]:
        return None
    return AnswerSource(cited["kind"], cited["id"], cited["title"], cited["way_of_knowing"], True, _nature(cited))


async def _find(api: PublicApi, kind: Kind, id: str, *, merges: int = MAX_MERGES) -> AnswerSource:
    """Return the source as it is now; of an item that was merged into another, that one."""
    try:
        response = await api.read(f"{PATHS[kind]}/{id}")
    except ApiRefusal as error:
        if error.status not in (403, 404, 410):
            raise
        return AnswerSource(kind, id)
    if response.status >= 300:
        into = (response.location or "").rpartition("/")[2]
        return await _find(api, kind, into, merges=merges - 1) if into and merges else AnswerSource(kind, id)
    document = response.document
    return AnswerSource(
        kind,
        str(document["id"]),
        document["title"],
        document.get("way_of_knowing"),
        document["status"] == "published",
        _nature(document),
        _language(document),
    )


def _nature(document: Document) -> str | None:
    retraction: Document = document.get("retraction") or {}
    return retraction.get("nature")


def _language(document: Document) -> str:
    return document.get("language") or "en"
