"""What changed of an item or guide since an answer cited it."""

import asyncio
from typing import Any, Final, NamedTuple

from gateway.web.api_client import Document, PublicApi
from gateway.web.contributions.word_changes import Comparison, compare
from gateway.web.layout.languages import text

TEXTS: Final = {
    "title": text("Title"),
    "summary": text("Summary"),
    "account": text("What they lived through"),
    "what_helped": text("What helped"),
    "what_was_done": text("What was done"),
    "what_happened": text("What happened"),
    "what_it_needs": text("What it needs"),
}


class TextChange(NamedTuple):
    """A text of a source as it was cited and as it is now."""

    label: str
    texts: Comparison


class CitedChange(NamedTuple):
    """A source that is in doubt or has changed, with what changed of its words."""

    source: Document
    texts: list[TextChange]


async def find_changes(api: PublicApi, cites: list[Document]) -> list[CitedChange]:
    """Return what is in doubt, the changed texts with each; none where its editions are not to be read."""
    doubted = [source for source in cites if source["doubt"] or source["has_changed"]]
    return list(await asyncio.gather(*(_change(api, source) for source in doubted)))


async def _change(api: PublicApi, source: Document) -> CitedChange:
    if not source["has_changed"]:
        return CitedChange(source, [])
    path = f"/v1/{'guides' if source['kind'] == 'guide' else 'evidence'}/{source['id']}"
    before, now = await asyncio.gather(api.find_aside(f"{path}/versions/{source['edition']}"), api.find_aside(path))
    texts = [
        TextChange(label, compare(old, new))
        for name, label in TEXTS.items()
        if (old := _text(before, name)) != (new := _text(now, name)) and before and now
    ]
    return CitedChange(source, texts)


def _text(document: Document, name: str) -> str:
    value: Any = document.get(name)
    return value if isinstance(value, str) else ""
