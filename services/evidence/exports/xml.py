"""JATS and PubMed's XML."""

from typing import Any

from lxml import etree
from lxml.builder import ElementMaker  # pyright: ignore  the stubs leave it out

from services.evidence.exports.exported import (
    KINDS_OF_KNOWING,
    Exported,
    as_read,
    carried,
    date_parts,
    line,
    marked,
    notice_of,
)
from services.evidence.exports.tagged import MEDLINE_LANGUAGES, MONTHS, PUBMED_TYPES

Element = Any
E: Any = ElementMaker()  # pyright: ignore[reportUnknownVariableType]  as above
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
JATS_TYPES = {"journal_article": "research-article", "thesis": "dissertation", "report": "report", "dataset": "dataset"}
REFERENCES = {
    "retraction": "RetractionIn",
    "correction": "ErratumIn",
    "expression_of_concern": "ExpressionOfConcernIn",
    "reinstatement": "UpdateIn",
}


def jats(item: Exported) -> bytes:
    """One `<article>` whose front says all there is; there is no body."""
    meta = E("article-meta")
    _jats_names(item, meta)
    _jats_date(item, meta)
    for name, value in zip(("volume", "issue"), (item.own.get("volume"), item.own.get("issue")), strict=True):
        _add(meta, name, value)
    first, last = item.pages or (item.own.get("pages"), None)
    _add(meta, "fpage", first)
    _add(meta, "lpage", last)
    _add(meta, "self-uri", item.link)
    if text := line(item.abstract):
        meta.append(E.abstract(E.p(text)))
    if words := item.own.get("keywords"):
        meta.append(E("kwd-group", *(E.kwd(line(word)) for word in words)))
    more = E("custom-meta-group")
    _custom(more, "retraction", item.retraction_note)
    _custom(more, "impact", marked(carried(item, as_read(line(item.title)), as_read(line(item.abstract)))))
    meta.append(more)
    article = E.article(E.front(_journal(item), meta))
    article.set("article-type", JATS_TYPES.get(item.kind, "other"))
    article.set(XML_LANG, item.language)
    return _written(article)


def pubmed(item: Exported) -> bytes:
    """One `<PubmedArticle>`."""
    citation = E.MedlineCitation(E.PMID(item.identifier("pmid") or "", Version="1"), _article(item))
    citation.append(E.MedlineJournalInfo(E.MedlineTA(line(item.own.get("published_in")))))
    if item.retraction:
        source = notice_of(item.retraction) or item.retraction_note
        kind = REFERENCES[item.retraction["nature"]]
        citation.append(
            E.CommentsCorrectionsList(E.CommentsCorrections(E.RefSource(line(source)), RefType=kind)),
        )
    if words := item.own.get("keywords"):
        listed = (E.Keyword(line(word), MajorTopicYN="N") for word in words)
        citation.append(E.KeywordList(*listed, Owner="NOTNLM"))
    _add(citation, "GeneralNote", item.retraction_note)
    _add(citation, "GeneralNote", marked(carried(item, as_read(line(item.title)), as_read(line(item.abstract)))))
    ids = (("pubmed", "pmid"), ("doi", "doi"), ("pmc", "pmcid"))
    known = [E.ArticleId(value, IdType=kind) for kind, scheme in ids if (value := item.identifier(scheme))]
    return _written(E.PubmedArticle(citation, E.PubmedData(E.ArticleIdList(*known))))


def _journal(item: Exported) -> Element:
    journal = E("journal-meta")
    if held_in := line(item.own.get("published_in")):
        journal.append(E("journal-title-group", E("journal-title", held_in)))
    for scheme in ("issn", "isbn"):
        for number in item.identifiers(scheme):
            _add(journal, scheme, number)
    if publisher := line(item.publisher):
        journal.append(E.publisher(E("publisher-name", publisher)))
    return journal


def _jats_names(item: Exported, meta: Element) -> None:
    for kind, scheme in (("doi", "doi"), ("pmid", "pmid"), ("pmcid", "pmcid")):
        for value in item.identifiers(scheme):
            meta.append(E("article-id", value, {"pub-id-type": kind}))
    subjects = [KINDS_OF_KNOWING.get(item.way_of_knowing), *item.topics]
    if kept := [subject for subject in map(line, subjects) if subject]:
        meta.append(E("article-categories", E("subj-group", *(E.subject(subject) for subject in kept))))
    meta.append(E("title-group", E("article-title", line(item.title))))
    for kind, names in (("author", item.creators), ("editor", item.own.get("editors", ()))):
        if names:
            meta.append(E("contrib-group", *(_contributor(item, kind, name) for name in names)))


def _contributor(item: Exported, kind: str, name: str) -> Element:
    parts = item.family_and_given(name)
    if parts is None:
        return E.contrib(E.collab(line(name)), {"contrib-type": kind})
    return E.contrib(E.name(E.surname(parts[0]), E("given-names", parts[1])), {"contrib-type": kind})


def _jats_date(item: Exported, meta: Element) -> None:
    year, month, day = [*date_parts(item.published_on), None, None, None][:3]
    if year is None:
        return
    date = E("pub-date", {"date-type": "pub"})
    for name, value in (("day", day), ("month", month)):
        _add(date, name, f"{value:02}" if value else None)
    _add(date, "year", f"{year:04}")
    meta.append(date)


def _custom(group: Element, name: str, value: str | None) -> None:
    if value:
        group.append(E("custom-meta", E("meta-name", name), E("meta-value", value)))


def _article(item: Exported) -> Element:
    own = item.own
    issue = E.JournalIssue(CitedMedium="Internet")
    _add(issue, "Volume", own.get("volume"))
    _add(issue, "Issue", own.get("issue"))
    issue.append(_pubmed_date(item))
    journal = E.Journal()
    _add(journal, "ISSN", item.identifier("issn"))
    journal.append(issue)
    _add(journal, "Title", own.get("published_in"))
    article = E.Article(journal, E.ArticleTitle(line(item.title)), PubModel="Electronic")
    if pages := line(own.get("pages")):
        article.append(E.Pagination(E.MedlinePgn(pages)))
    for doi in item.identifiers("doi"):
        article.append(E.ELocationID(doi, EIdType="doi", ValidYN="Y"))
    if text := line(item.abstract):
        article.append(E.Abstract(E.AbstractText(text)))
    for kind, names in (("authors", item.creators), ("editors", own.get("editors", ()))):
        if names:
            article.append(E.AuthorList(*(_author(item, name) for name in names), Type=kind, CompleteYN="Y"))
    article.append(E.Language(MEDLINE_LANGUAGES.get(item.language, item.language)))
    types = [KINDS_OF_KNOWING.get(item.way_of_knowing) or PUBMED_TYPES.get(item.kind, "Publication")]
    if item.retraction and item.retraction["nature"] == "retraction":
        types.append("Retracted Publication")
    article.append(E.PublicationTypeList(*(E.PublicationType(kind, UI="") for kind in types)))
    return article


def _pubmed_date(item: Exported) -> Element:
    date = E.PubDate()
    year, month, day = [*date_parts(item.published_on), None, None, None][:3]
    _add(date, "Year", f"{year:04}" if year else None)
    _add(date, "Month", MONTHS[month - 1] if month else None)
    _add(date, "Day", f"{day:02}" if day else None)
    return date


def _author(item: Exported, name: str) -> Element:
    parts = item.family_and_given(name)
    if parts is None:
        return E.Author(E.CollectiveName(line(name)), ValidYN="Y")
    return E.Author(E.LastName(parts[0]), E.ForeName(parts[1]), ValidYN="Y")


def _add(parent: Element, name: str, value: str | None) -> None:
    if text := line(value):
        parent.append(E(name, text))


def _written(element: Element) -> bytes:
    return etree.tostring(element, encoding="utf-8", xml_declaration=False) + b"\n"
