"""Lists of the API on a page: the address of the next part."""

from urllib.parse import urlsplit

from gateway.web.addresses import find_page
from gateway.web.api_client import Document


def next_page(document: Document) -> str | None:
    """Return the address of the page with what follows in a list, or None at its end."""
    if not document.get("next"):
        return None
    parts = urlsplit(str(document["next"]))
    return find_page(parts.path, parts.query)
