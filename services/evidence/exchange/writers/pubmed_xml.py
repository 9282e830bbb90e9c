"""PubMed's XML."""

from services.evidence.exchange.writers.exported_item import (
    WAY_LABELS,
    ExportedItem,
    date_parts,
    notice_url,
    single_line,
)
from services.evidence.exchange.writers.extension import line_with_abstract
from services.evidence.exchange.writers.tagged import MEDLINE_LANGUAGES, MONTHS, PUBMED_TYPES
from services.evidence.exchange.writers.xml_elements import Xml, document_line, element, list_element, optional_element

CORRECTION_TYPES = {
    "retraction": "RetractionIn",
    "correction": "ErratumIn",
    "expression_of_concern": "ExpressionOfConcernIn",
    "superseded": "UpdateIn",
    "reinstatement": "UpdateIn",
}
_ID_TYPES = (("pubmed", "pmid"), ("doi", "doi"), ("pmc", "pmcid"))


def write_article(item: ExportedItem) -> bytes:
    """Return one `<PubmedArticle>`."""
    details = item.details
    keywords = [
        element("Keyword", keyword, MajorTopicYN="N") for keyword in details.get("keywords", ()) if single_line(keyword)
    ]
    citation = element(
        "MedlineCitation",
        element("PMID", item.identifier("pmid"), Version="1"),
        _article(item),
        element("MedlineJournalInfo", element("MedlineTA", details.get("published_in"))),
        _corrections(item),
        list_element("KeywordList", keywords, Owner="NOTNLM"),
        optional_element("GeneralNote", item.retraction_note),
        optional_element("GeneralNote", None if single_line(item.abstract) else f"Terms: {item.terms}"),
        optional_element("GeneralNote", line_with_abstract(item)),
        Status="Publisher",
    )
    return document_line(element("PubmedArticle", citation, _pubmed_data(item)))


def _pubmed_data(item: ExportedItem) -> Xml:
    """Return the identifiers; nothing without any, since the format has no empty list."""
    ids = [element("ArticleId", value, IdType=kind) for kind, scheme in _ID_TYPES if (value := item.identifier(scheme))]
    if not ids:
        return Xml()
    return element("PubmedData", element("PublicationStatus", "ppublish"), element("ArticleIdList", *ids))


def _article(item: ExportedItem) -> Xml:
    details = item.details
    types = [WAY_LABELS.get(item.way_of_knowing) or PUBMED_TYPES.get(item.kind, "Publication")]
    if item.retraction and item.retraction["nature"] == "retraction":
        types.append("Retracted Publication")
    return element(
        "Article",
        _journal(item),
        element("ArticleTitle", item.title),
        optional_element("Pagination", optional_element("MedlinePgn", details.get("pages"))),
        *(element("ELocationID", doi, EIdType="doi", ValidYN="Y") for doi in item.identifiers("doi")),
        _abstract(item),
        # Editors have no place: readers take a second list for one of authors.
        list_element("AuthorList", [_author(item, name) for name in item.creators], Type="authors", CompleteYN="Y"),
        element("Language", MEDLINE_LANGUAGES.get(item.language, item.language)),
        element("PublicationTypeList", *(element("PublicationType", kind, UI="") for kind in types)),
        PubModel="Electronic",
    )


def _abstract(item: ExportedItem) -> Xml:
    """Return the abstract with the terms, for which the format has no place without one: then a note holds them."""
    if not single_line(item.abstract):
        return Xml()
    return element("Abstract", element("AbstractText", item.abstract), element("CopyrightInformation", item.terms))


def _journal(item: ExportedItem) -> Xml:
    details = item.details
    issue = element(
        "JournalIssue",
        optional_element("Volume", details.get("volume")),
        optional_element("Issue", details.get("issue")),
        _date(item),
        CitedMedium="Internet",
    )
    number = item.identifier("issn")
    issn = element("ISSN", number, IssnType="Electronic") if number else Xml()
    return element("Journal", issn, issue, optional_element("Title", details.get("published_in")))


def _author(item: ExportedItem, name: str) -> Xml:
    parts = item.split_name(name)
    if parts is None:
        kind = "LastName" if item.creator_kind in ("person", "role") else "CollectiveName"
        return element("Author", element(kind, name), ValidYN="Y")
    suffix = optional_element("Suffix", parts.suffix)
    return element(
        "Author", element("LastName", parts.family), element("ForeName", parts.given_names), suffix, ValidYN="Y"
    )


def _date(item: ExportedItem) -> Xml:
    year, month, day = [*date_parts(item.published_on), None, None, None][:3]
    return element(
        "PubDate",
        optional_element("Year", f"{year:04}" if year else None),
        optional_element("Month", MONTHS[month - 1] if month else None),
        optional_element("Day", f"{day:02}" if day else None),
    )


def _corrections(item: ExportedItem) -> Xml:
    if not item.retraction:
        return Xml()
    source = element("RefSource", notice_url(item.retraction) or item.retraction_note)
    kind = CORRECTION_TYPES[item.retraction["nature"]]
    return element("CommentsCorrectionsList", element("CommentsCorrections", source, RefType=kind))
