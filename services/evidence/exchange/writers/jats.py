"""JATS, with all metadata in the front matter and no body."""

from collections.abc import Iterator

from services.evidence.exchange.writers.exported_item import WAY_LABELS, ExportedItem, date_parts
from services.evidence.exchange.writers.extension import line_with_abstract
from services.evidence.exchange.writers.xml_elements import Xml, document_line, element, list_element, optional_element

TYPES = {"journal_article": "research-article", "thesis": "dissertation", "report": "report", "dataset": "dataset"}
XLINK = "http://www.w3.org/1999/xlink"


def write_article(item: ExportedItem) -> bytes:
    """Return one `<article>`."""
    details = item.details
    first, last = item.pages or (details.get("pages"), None)
    custom = {"retraction": item.retraction_note, "impact": line_with_abstract(item)}
    meta = element(
        "article-meta",
        *_names(item),
        _date(item),
        optional_element("volume", details.get("volume")),
        optional_element("issue", details.get("issue")),
        optional_element("fpage", first),
        optional_element("lpage", last),
        element("permissions", element("copyright-statement", item.terms)),
        element("self-uri", xlink_href=item.link),
        optional_element("abstract", optional_element("p", item.abstract)),
        list_element("kwd-group", [optional_element("kwd", keyword) for keyword in details.get("keywords", ())]),
        list_element("custom-meta-group", [_custom_meta(name, value) for name, value in custom.items() if value]),
    )
    front = element("front", _journal(item), meta)
    kind = TYPES.get(item.kind, "other")
    return document_line(element("article", front, article_type=kind, xml_lang=item.language, xmlns_xlink=XLINK))


def _custom_meta(name: str, value: str) -> Xml:
    return element("custom-meta", element("meta-name", name), element("meta-value", value))


def _journal(item: ExportedItem) -> Xml:
    title = optional_element("journal-title", item.details.get("published_in"))
    return element(
        "journal-meta",
        optional_element("journal-title-group", title),
        *(optional_element(scheme, number) for scheme in ("issn", "isbn") for number in item.identifiers(scheme)),
        optional_element("publisher", optional_element("publisher-name", item.publisher)),
    )


def _names(item: ExportedItem) -> Iterator[Xml]:
    """Yield the identifiers, categories, title and contributors, in the order of the schema."""
    for scheme in ("doi", "pmid", "pmcid"):
        for value in item.identifiers(scheme):
            yield element("article-id", value, pub_id_type=scheme)
    subjects = [optional_element("subject", name) for name in (WAY_LABELS.get(item.way_of_knowing), *item.topics)]
    yield optional_element("article-categories", list_element("subj-group", subjects))
    yield element("title-group", element("article-title", item.title))
    for role, names in (("author", item.creators), ("editor", item.details.get("editors", ()))):
        yield list_element("contrib-group", [_contributor(item, role, name) for name in names])


def _contributor(item: ExportedItem, role: str, name: str) -> Xml:
    parts = item.split_name(name)
    if parts is None:
        kind = "string-name" if item.creator_kind in ("person", "role") else "collab"
        return element("contrib", element(kind, name), contrib_type=role)
    suffix = optional_element("suffix", parts.suffix)
    person = element("name", element("surname", parts.family), element("given-names", parts.given_names), suffix)
    return element("contrib", person, contrib_type=role)


def _date(item: ExportedItem) -> Xml:
    year, month, day = [*date_parts(item.published_on), None, None, None][:3]
    if year is None:
        return Xml()
    precise = [
        optional_element(name, f"{value:02}" if value else None) for name, value in (("day", day), ("month", month))
    ]
    return element("pub-date", *precise, element("year", f"{year:04}"), date_type="pub")
