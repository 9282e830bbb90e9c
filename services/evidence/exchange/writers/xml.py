"""JATS and PubMed's XML, written as text: no tree is built of what goes straight out."""

from collections.abc import Iterable, Iterator
from functools import cache
from html import escape

from services.evidence.exchange.writers.exported_item import (
    KINDS_OF_KNOWING,
    Exported,
    as_read,
    carried,
    date_parts,
    line,
    marked,
    notice_of,
)
from services.evidence.exchange.writers.tagged import MEDLINE_LANGUAGES, MONTHS, PUBMED_TYPES

JATS_TYPES = {"journal_article": "research-article", "thesis": "dissertation", "report": "report", "dataset": "dataset"}
REFERENCES = {
    "retraction": "RetractionIn",
    "correction": "ErratumIn",
    "expression_of_concern": "ExpressionOfConcernIn",
    "reinstatement": "UpdateIn",
}


class Xml(str):
    """Text that is XML already; every other text is escaped when it comes into an element."""

    __slots__ = ()


def element(name: str, *within: str | None, **attributes: str) -> Xml:
    """`xml_lang` becomes `xml:lang`, and `pub_id_type` `pub-id-type`. What is within stands in its order."""
    inside = "".join([part if isinstance(part, Xml) else _escaped(line(part)) for part in within if part])
    if not attributes:
        return Xml(f"<{name}>{inside}</{name}>")
    told = "".join([f' {_attribute(each)}="{escape(value)}"' for each, value in attributes.items()])
    return Xml(f"<{name}{told}>{inside}</{name}>")


def _escaped(text: str) -> str:
    return escape(text, quote=False) if "&" in text or "<" in text or ">" in text else text


@cache
def _attribute(name: str) -> str:
    return name.replace("xml_", "xml:").replace("_", "-")


def told(name: str, value: str | None) -> Xml:
    """The element where there is something in it; else nothing."""
    return element(name, value) if value and (isinstance(value, Xml) or line(value)) else Xml()


def several(name: str, values: Iterable[str], **attributes: str) -> Xml:
    """One element that holds these; nothing where there are none."""
    kept = [value for value in values if value]
    return element(name, *kept, **attributes) if kept else Xml()


def jats(item: Exported) -> bytes:
    """One `<article>` whose front says all there is; there is no body."""
    own = item.own
    first, last = item.pages or (own.get("pages"), None)
    more = {"retraction": item.retraction_note, "impact": _carried(item)}
    meta = element(
        "article-meta",
        *_jats_names(item),
        _jats_date(item),
        told("volume", own.get("volume")),
        told("issue", own.get("issue")),
        told("fpage", first),
        told("lpage", last),
        told("self-uri", item.link),
        told("abstract", told("p", item.abstract)),
        several("kwd-group", [told("kwd", word) for word in own.get("keywords", ())]),
        several("custom-meta-group", [_custom(name, value) for name, value in more.items() if value]),
    )
    kind = JATS_TYPES.get(item.kind, "other")
    return _line(element("article", element("front", _journal(item), meta), article_type=kind, xml_lang=item.language))


def pubmed(item: Exported) -> bytes:
    """One `<PubmedArticle>`."""
    own = item.own
    keywords = [element("Keyword", word, MajorTopicYN="N") for word in own.get("keywords", ()) if line(word)]
    citation = element(
        "MedlineCitation",
        element("PMID", item.identifier("pmid"), Version="1"),
        _article(item),
        element("MedlineJournalInfo", element("MedlineTA", own.get("published_in"))),
        _corrections(item),
        several("KeywordList", keywords, Owner="NOTNLM"),
        told("GeneralNote", item.retraction_note),
        told("GeneralNote", _carried(item)),
    )
    ids = (("pubmed", "pmid"), ("doi", "doi"), ("pmc", "pmcid"))
    known = [element("ArticleId", value, IdType=kind) for kind, scheme in ids if (value := item.identifier(scheme))]
    return _line(element("PubmedArticle", citation, element("PubmedData", element("ArticleIdList", *known))))


def _carried(item: Exported) -> str:
    return marked(carried(item, as_read(line(item.title)), as_read(line(item.abstract))))


def _line(article: Xml) -> bytes:
    return f"{article}\n".encode()


def _custom(name: str, value: str) -> Xml:
    return element("custom-meta", element("meta-name", name), element("meta-value", value))


def _journal(item: Exported) -> Xml:
    return element(
        "journal-meta",
        told("journal-title-group", told("journal-title", item.own.get("published_in"))),
        *(told(scheme, number) for scheme in ("issn", "isbn") for number in item.identifiers(scheme)),
        told("publisher", told("publisher-name", item.publisher)),
    )


def _jats_names(item: Exported) -> Iterator[Xml]:
    for scheme in ("doi", "pmid", "pmcid"):
        for value in item.identifiers(scheme):
            yield element("article-id", value, pub_id_type=scheme)
    subjects = [KINDS_OF_KNOWING.get(item.way_of_knowing), *item.topics]
    yield told("article-categories", several("subj-group", [told("subject", each) for each in subjects]))
    yield element("title-group", element("article-title", item.title))
    for kind, names in (("author", item.creators), ("editor", item.own.get("editors", ()))):
        yield several("contrib-group", [_contributor(item, kind, name) for name in names])


def _contributor(item: Exported, kind: str, name: str) -> Xml:
    parts = item.family_and_given(name)
    if parts is None:
        return element("contrib", element("collab", name), contrib_type=kind)
    whole = element("name", element("surname", parts[0]), element("given-names", parts[1]))
    return element("contrib", whole, contrib_type=kind)


def _jats_date(item: Exported) -> Xml:
    year, month, day = [*date_parts(item.published_on), None, None, None][:3]
    if year is None:
        return Xml()
    smaller = [told(name, f"{value:02}" if value else None) for name, value in (("day", day), ("month", month))]
    return element("pub-date", *smaller, element("year", f"{year:04}"), date_type="pub")


def _article(item: Exported) -> Xml:
    own = item.own
    issue = element(
        "JournalIssue",
        told("Volume", own.get("volume")),
        told("Issue", own.get("issue")),
        _pubmed_date(item),
        CitedMedium="Internet",
    )
    journal = element("Journal", told("ISSN", item.identifier("issn")), issue, told("Title", own.get("published_in")))
    types = [KINDS_OF_KNOWING.get(item.way_of_knowing) or PUBMED_TYPES.get(item.kind, "Publication")]
    if item.retraction and item.retraction["nature"] == "retraction":
        types.append("Retracted Publication")
    return element(
        "Article",
        journal,
        element("ArticleTitle", item.title),
        told("Pagination", told("MedlinePgn", own.get("pages"))),
        *(element("ELocationID", doi, EIdType="doi", ValidYN="Y") for doi in item.identifiers("doi")),
        told("Abstract", told("AbstractText", item.abstract)),
        _authors(item, "authors", item.creators),
        _authors(item, "editors", own.get("editors", ())),
        element("Language", MEDLINE_LANGUAGES.get(item.language, item.language)),
        element("PublicationTypeList", *(element("PublicationType", kind, UI="") for kind in types)),
        PubModel="Electronic",
    )


def _authors(item: Exported, kind: str, names: Iterable[str]) -> Xml:
    return several("AuthorList", [_author(item, name) for name in names], Type=kind, CompleteYN="Y")


def _author(item: Exported, name: str) -> Xml:
    parts = item.family_and_given(name)
    if parts is None:
        return element("Author", element("CollectiveName", name), ValidYN="Y")
    return element("Author", element("LastName", parts[0]), element("ForeName", parts[1]), ValidYN="Y")


def _pubmed_date(item: Exported) -> Xml:
    year, month, day = [*date_parts(item.published_on), None, None, None][:3]
    return element(
        "PubDate",
        told("Year", f"{year:04}" if year else None),
        told("Month", MONTHS[month - 1] if month else None),
        told("Day", f"{day:02}" if day else None),
    )


def _corrections(item: Exported) -> Xml:
    if not item.retraction:
        return Xml()
    source = element("RefSource", notice_of(item.retraction) or item.retraction_note)
    kind = REFERENCES[item.retraction["nature"]]
    return element("CommentsCorrectionsList", element("CommentsCorrections", source, RefType=kind))
