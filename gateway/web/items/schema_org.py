"""An item as schema.org describes it, for search engines. An account names nobody but as its person chose."""

from collections.abc import Sequence
from typing import Any, Final

from gateway.web.api_client import Document

TYPES: Final = {
    "journal_article": "ScholarlyArticle",
    "conference_paper": "ScholarlyArticle",
    "book": "Book",
    "chapter": "Chapter",
    "report": "Report",
    "thesis": "Thesis",
    "web_page": "WebPage",
    "dataset": "Dataset",
}


def describe(item: Document, public_url: str, topics: Sequence[str]) -> dict[str, Any]:
    """Return the description, without what is not known."""
    url = f"{public_url}/evidence/{item['id']}"
    dois = [f"https://doi.org/{i['value']}" for i in item.get("identifiers") or () if i["scheme"] == "doi"]
    authors = item.get("authors") or ([item["attributed_to"]] if item.get("attributed_to") else [])
    described: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": TYPES.get(item.get("kind") or "", "CreativeWork"),
        "@id": url,
        "url": url,
        "name": item["title"],
        "abstract": item["summary"],
        "inLanguage": item["language"],
        "about": list(topics),
        "author": [{"@type": "Person", "name": name} for name in authors],
        "datePublished": item.get("published_on") or (item["published_at"] or "")[:10],
        "sameAs": dois,
        "isPartOf": {"@type": "Periodical", "name": item["published_in"]} if item.get("published_in") else None,
    }
    return {name: value for name, value in described.items() if value}
