"""PubMed's types of publications, and ERIC's: the kind of a work, and the design of its study where they name it."""

from collections.abc import Collection

# What stands in a journal is a journal article, whatever its type: a letter, a case report, a trial.
_KINDS = (
    ("book chapter", "chapter"),
    ("book", "book"),
    ("thes", "thesis"),
    ("dissertation", "thesis"),
    ("dataset", "dataset"),
    ("journal", "journal_article"),
    ("review", "journal_article"),
    ("report", "report"),
)
_DESIGNS = {
    "review": ("systematic review", "meta-analysis", "network meta-analysis", "scoping review", "review"),
    "quantitative": (
        "randomized controlled trial",
        "controlled clinical trial",
        "clinical trial",
        "clinical trial, phase i",
        "clinical trial, phase ii",
        "clinical trial, phase iii",
        "clinical trial, phase iv",
        "pragmatic clinical trial",
        "adaptive clinical trial",
        "equivalence trial",
        "observational study",
    ),
}


def kind_of(types: Collection[str], *, in_journal: bool) -> str:
    """Return the kind of a work of these types."""
    text = " ".join(types).lower()
    if "preprint" in text:
        return "report"
    if in_journal and "book" not in text:
        return "journal_article"
    return next((kind for name, kind in _KINDS if name in text), "other")


def design_of(types: Collection[str]) -> str | None:
    """Return the design that these types name: a review of trials is a review."""
    names = {type.strip().lower() for type in types}
    return next((design for design, designs in _DESIGNS.items() if not names.isdisjoint(designs)), None)
