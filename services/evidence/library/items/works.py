"""By what the same work is recognised in a description: its fingerprint, and its identifiers."""

from services.evidence.library.items.descriptions import Description, Research
from services.evidence.library.items.identifiers.rules import WORK_SCHEMES, fingerprint


def fingerprint_of(work: Research) -> str:
    """Return the fingerprint of the work (`identifiers.fingerprint`)."""
    year = work.published_on[:4] if work.published_on else None
    return fingerprint(work.title, year, work.authors, work.published_in, work.volume, work.pages)


def identifiers_of(description: Description) -> list[tuple[str, str]]:
    """Return the identifiers (scheme, value) that identify the work itself, sorted."""
    if not isinstance(description, Research):
        return []
    return sorted(
        {
            (identifier.scheme, identifier.value)
            for identifier in description.identifiers
            if identifier.scheme in WORK_SCHEMES
        }
    )
