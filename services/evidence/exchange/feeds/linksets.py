"""Link sets (RFC 9264), which show machines how to cite an item, what it is, and what describes it."""

from collections.abc import Iterable
from typing import Any

import orjson

from services.evidence.library.items import signposting

MEDIA_TYPE = signposting.LINK_SET


def write_link_set(item_url: str, links: Iterable[tuple[str, str, str | None]]) -> bytes:
    """Return the links of an item, and the links back to it from what describes it.

    `links`: relation, URL and media type.
    """
    item_links: dict[str, Any] = {"anchor": item_url}
    link_set: list[dict[str, Any]] = [item_links]
    for relation, href, media_type in links:
        target = {"href": href, **({"type": media_type} if media_type else {})}
        item_links.setdefault(relation, []).append(target)
        if relation == "describedby":
            link_set.append({"anchor": href, "describes": [{"href": item_url, "type": "application/json"}]})
    return orjson.dumps({"linkset": link_set})
