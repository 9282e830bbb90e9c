"""What is refused in a guide, and where: gaps, citations that cannot be, confidence without what would bear it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from services.evidence.publications.guides.citing import Cited, stands
from services.evidence.publications.guides.confidence import QualitativeConfidence, too_sure
from services.evidence.publications.guides.documents import GuideContent, GuideStatement
from shared.persistence.tables import new_id
from shared.problems import FieldError, Invalid

QUALITATIVE = frozenset({"qualitative", "mixed", "review"})
"""Designs of research that have qualitative findings."""


def number(content: GuideContent, known: Iterable[UUID]) -> GuideContent:
    """Give ids to statements that have none. Raises Invalid for an id that is no statement of this guide, or twice."""
    mine, seen, errors = set(known), set[UUID](), list[FieldError]()
    numbered: list[GuideStatement] = []
    for place, statement in enumerate(content.statements):
        if statement.id is not None and statement.id not in mine:
            detail = "This guide has no such statement. Leave the id out for a new one."
            errors.append(FieldError(pointer=f"/statements/{place}/id", detail=detail))
        elif statement.id in seen:
            detail = "This statement is in the list already."
            errors.append(FieldError(pointer=f"/statements/{place}/id", detail=detail))
        if statement.id is not None:
            seen.add(statement.id)
        numbered.append(statement.model_copy(update={"id": statement.id or new_id()}))
    if errors:
        raise Invalid(errors=errors)
    return content.model_copy(update={"statements": numbered})


def missing(content: GuideContent, today: date) -> list[FieldError]:
    """What a reader would look for in vain."""
    found: list[FieldError] = []
    if not content.summary:
        found.append(FieldError(pointer="/summary", detail="Say in a few words what the guide is for."))
    if not content.topics:
        found.append(FieldError(pointer="/topics", detail="Say which topics the guide is about."))
    if content.review_on is None or content.review_on <= today:
        found.append(FieldError(pointer="/review_on", detail="Give a coming day by which somebody looks at it again."))
    if not content.statements:
        found.append(FieldError(pointer="/statements", detail="A guide says at least one thing."))
    for place, statement in enumerate(content.statements):
        found += _missing_in(statement, f"/statements/{place}")
    return found


_NEEDED = {
    "what_to_try": "Say what somebody could try today.",
    "cost": "Say what it costs, or that it is not known.",
    "effort": "Say what effort it takes, or that it is not known.",
    "conditions": "Say for whom, where and when it holds.",
    "confidence": "Say how sure you are, and why.",
    "citations": "Cite the evidence that this stands on.",
}


def _missing_in(statement: GuideStatement, pointer: str) -> list[FieldError]:
    return [
        FieldError(pointer=f"{pointer}/{name}", detail=detail)
        for name, detail in _NEEDED.items()
        if not getattr(statement, name)
    ]


def unfit(content: GuideContent, cited: Mapping[UUID, Cited], before: Collection[UUID] = ()) -> list[FieldError]:
    """Citations of what may not be cited, and more confidence than the concerns allow.

    What became of items that were cited `before` does not stand in the way of writing on: it is said beside the draft.
    """
    found: list[FieldError] = []
    for place, statement in enumerate(content.statements):
        pointer = f"/statements/{place}"
        for number_, citation in enumerate(statement.citations):
            now = cited.get(citation.item_id)
            detail = _uncitable(statement, number_, now)
            if detail is None and now is not None and citation.item_id not in before:
                detail = _fallen(citation.item_id, citation.why, now)
            if detail:
                found.append(FieldError(pointer=f"{pointer}/citations/{number_}", detail=detail))
        if isinstance(statement.confidence, QualitativeConfidence):
            found += too_sure(statement.confidence, f"{pointer}/confidence")
    return found


def _uncitable(statement: GuideStatement, place: int, now: Cited | None) -> str | None:
    citation = statement.citations[place]
    if any(citation.item_id == earlier.item_id for earlier in statement.citations[:place]):
        return "This statement cites the item already."
    if now is None or now.state == "draft":
        return "There is no published item with this id."
    if now.id == citation.item_id and citation.edition is not None and citation.edition > now.edition:
        return f"The item has no such edition: its latest is {now.edition}."
    return None


def _fallen(item_id: UUID, why: str, now: Cited) -> str | None:
    if now.state != "published":
        return "This item has been withdrawn. Cite something else."
    if now.id != item_id:
        return f"This item is part of the item {now.id} now. Cite that one."
    if not stands(now) and not why:
        return "This work was retracted. Take it out, or say in `why` what it is doing here."
    return None


def unfounded(content: GuideContent, cited: Mapping[UUID, Cited]) -> list[FieldError]:
    """Judgements by GRADE-CERQual of statements that cite no qualitative research."""
    found: list[FieldError] = []
    for place, statement in enumerate(content.statements):
        if isinstance(statement.confidence, QualitativeConfidence):
            found += _no_qualitative_research(statement, cited, f"/statements/{place}/confidence")
    return found


def _no_qualitative_research(
    statement: GuideStatement, cited: Mapping[UUID, Cited], pointer: str
) -> Sequence[FieldError]:
    found = (cited.get(citation.item_id) for citation in statement.citations)
    designs = {now.design for now in found if now is not None and now.way_of_knowing == "research"}
    if not statement.citations or designs & QUALITATIVE:
        return ()
    detail = "GRADE-CERQual is for findings of qualitative research: cite some, or say in plain words how sure you are."
    return (FieldError(pointer=f"{pointer}/kind", detail=detail),)


def unready(content: GuideContent, cited: Mapping[UUID, Cited], today: date) -> list[FieldError]:
    """All that stands in the way of a review."""
    return missing(content, today) + unfit(content, cited) + unfounded(content, cited)
