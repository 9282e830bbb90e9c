"""What changed of an item or guide since an answer cited it."""

import asyncio
from typing import NamedTuple

from gateway.web.api_client import Document, PublicApi
from gateway.web.work.text_changes import TextChange, compare_documents


class CitedChange(NamedTuple):
    """A source that is in doubt or has changed, with what changed of its words."""

    source: Document
    texts: list[TextChange]


async def find_cited_changes(api: PublicApi, cites: list[Document]) -> list[CitedChange]:
    """Return what is in doubt, the changed texts with each; none where its editions are not to be read."""
    doubted = [source for source in cites if source["doubt"] or source["has_changed"]]
    return list(await asyncio.gather(*(_change(api, source) for source in doubted)))


async def _change(api: PublicApi, source: Document) -> CitedChange:
    if not source["has_changed"]:
        return CitedChange(source, [])
    path = f"/v1/{'guides' if source['kind'] == 'guide' else 'evidence'}/{source['id']}"
    before, now = await asyncio.gather(api.find_aside(f"{path}/versions/{source['edition']}"), api.find_aside(path))
    return CitedChange(source, compare_documents(before, now) if before and now else [])
