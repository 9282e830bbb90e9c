"""Names of columns in the exports of databases, of review programs and of libraries like this one, by field."""

from services.evidence.library.items.descriptions import ResearchFields

# fmt: off
COLUMNS: dict[str, tuple[str, ...]] = {
    "title": ("title", "item title", "document title", "article title", "primary title", "original title", "titles"),
    "summary": ("abstract", "summary", "abstract note", "original abstract", "abstracts", "description"),
    "authors": ("authors", "author", "author names", "author full names", "first authors", "author s", "author s id"),
    "editors": ("editors", "editor", "secondary authors"),
    "published_in": (
        "published in", "journal", "publication title", "source title", "journal book", "journal title", "publication",
        "container title", "booktitle", "book title", "secondary title", "alternate title3", "source",
        "proceedings title",
    ),
    "dates": (
        "published on", "publication year", "year", "pub year", "py", "date", "publication date", "date published",
        "online date", "early access date",
    ),
    "volume": ("volume", "journal volume", "volume number", "vol"),
    "issue": ("issue", "number", "journal issue", "issue number", "no"),
    "pages": ("pages", "page", "page range", "start page", "page start"),
    "article_number": ("article number", "art no", "articleno", "elocation id"),
    "end": ("end page", "page end"),
    "publisher": ("publisher", "publisher name"),
    "keywords": (
        "keywords", "author keywords", "manual tags", "index terms", "keyword", "tags", "emtree medical index terms",
    ),
    "language": ("language", "language of original document", "lang"),
    "kind": (
        "kind", "type of reference", "item type", "document type", "content type", "publication type", "category",
        "type",
    ),
    "design": ("design",),
    "links": ("url", "link", "urls", "pdf link", "open url link", "id"),
    "impact": ("impact",),
}
IDENTIFIERS: dict[str, tuple[str, ...]] = {
    "doi": ("doi", "item doi", "digital object identifier"),
    "pmid": ("pmid", "pubmed id", "medline pmid"),
    "pmcid": ("pmcid", "pmc id"),
    "wos": ("wos", "ut unique wos id", "ut", "accession number"),
    "serial": ("issn", "isbn", "isbns", "issns", "eissn", "print issn", "e issn", "online issn"),
}
KNOWN_COLUMNS = frozenset(name for names in (*COLUMNS.values(), *IDENTIFIERS.values()) for name in names)
_KINDS = {
    "journal_article": ("article", "journal article", "review", "journal", "magazine", "magazines", "early access"),
    "conference_paper": ("conference", "conference paper", "proceedings", "conferences", "proceedings paper"),
    "chapter": ("chapter", "book chapter", "book section", "chapter reference work entry"),
    "book": ("book", "books", "edited book"),
    "thesis": ("thesis", "dissertation"),
    "report": ("report", "working paper", "preprint"),
    "web_page": ("web page", "webpage", "blog post"),
    "dataset": ("dataset", "data set"),
}
KINDS = {name: kind for kind, names in _KINDS.items() for name in names}
LIBRARY_KINDS = frozenset(str(kind) for kind in ResearchFields.model_json_schema()["properties"]["kind"]["enum"])
# fmt: on
