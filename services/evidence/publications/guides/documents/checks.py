"""What a guide's document must contain, and which citations and confidence it may state. Errors point to the place."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

from services.evidence.publications.cited_items.rules import CitedItem
from services.evidence.publications.guides.documents.confidence import QualitativeConfidence, find_excess_confidence
from services.evidence.publications.guides.documents.content import GuideContent, GuideStatement
from shared.persistence.tables import new_id
from shared.problems import FieldError, Invalid

QUALITATIVE_DESIGNS = frozenset({"qualitative", "mixed", "review"})
"""Designs of research that have qualitative findings."""
_REQUIRED_IN_STATEMENT = {
    "what_to_try": "Say what somebody could try today.",
    "cost": "Say what it costs, or that it is not known.",
    "effort": "Say what effort it takes, or that it is not known.",
    "conditions": "Say for whom, where and when it holds.",
    "confidence": "Say how sure you are, and why.",
    "citations": "Cite the evidence that supports this.",
}


def assign_statement_ids(content: GuideContent, known_ids: Collection[UUID]) -> GuideContent:
    """Give ids to new statements. Raises Invalid for an id that is not of this guide, or occurs twice."""
    used_ids: set[UUID] = set()
    errors: list[FieldError] = []
    statements: list[GuideStatement] = []
    for position, statement in enumerate(content.statements):
        if statement.id is not None and statement.id not in known_ids:
            detail = "This guide has no such statement. Leave the id out for a new one."
            errors.append(FieldError(pointer=f"/statements/{position}/id", detail=detail))
        elif statement.id in used_ids:
            detail = "Another statement in this list has the same id. Send each statement once."
            errors.append(FieldError(pointer=f"/statements/{position}/id", detail=detail))
        if statement.id is not None:
            used_ids.add(statement.id)
        statements.append(statement.model_copy(update={"id": statement.id or new_id()}))
    if errors:
        raise Invalid(errors=errors)
    return content.model_copy(update={"statements": statements})


def find_gaps(content: GuideContent, today: date) -> list[FieldError]:
    """Return what is missing before the guide can be published."""
    errors: list[FieldError] = []
    if not content.summary:
        errors.append(FieldError(pointer="/summary", detail="Say in a few words what the guide is for."))
    if not content.topics:
        errors.append(FieldError(pointer="/topics", detail="Say which topics the guide is about."))
    if content.review_on is None or content.review_on <= today:
        errors.append(
            FieldError(pointer="/review_on", detail="Give a future day by which the guide is reviewed again.")
        )
    if not content.statements:
        errors.append(FieldError(pointer="/statements", detail="Add at least one statement."))
    for position, statement in enumerate(content.statements):
        errors += _find_gaps_in_statement(statement, f"/statements/{position}")
    return errors


def _find_gaps_in_statement(statement: GuideStatement, pointer: str) -> list[FieldError]:
    return [
        FieldError(pointer=f"{pointer}/{name}", detail=detail)
        for name, detail in _REQUIRED_IN_STATEMENT.items()
        if not getattr(statement, name)
    ]


def find_errors(
    content: GuideContent, items: Mapping[UUID, CitedItem], cited_before: Collection[UUID] = ()
) -> list[FieldError]:
    """Return errors for citations that are not possible, and for more confidence than the concerns allow.

    What has happened to items that were `cited_before` does not block a change of the draft: it is listed among its
    obstacles.
    """
    errors: list[FieldError] = []
    for position, statement in enumerate(content.statements):
        pointer = f"/statements/{position}"
        for index, citation in enumerate(statement.citations):
            item = items.get(citation.item_id)
            detail = _explain_impossible(statement, index, item)
            if detail is None and item is not None and citation.item_id not in cited_before:
                detail = _explain_unsound(citation.item_id, citation.edition, citation.why, item)
            if detail:
                errors.append(FieldError(pointer=f"{pointer}/citations/{index}", detail=detail))
        if isinstance(statement.confidence, QualitativeConfidence):
            errors += find_excess_confidence(statement.confidence, f"{pointer}/confidence")
    return errors


def _explain_impossible(statement: GuideStatement, index: int, item: CitedItem | None) -> str | None:
    citation = statement.citations[index]
    if any(citation.item_id == earlier.item_id for earlier in statement.citations[:index]):
        return "This statement cites the item already. Remove one of the two citations."
    if item is None or item.status == "draft":
        return "There is no published item with this id. Check the id, or publish the item first."
    if item.id == citation.item_id and citation.edition is not None and citation.edition > item.edition:
        return f"The item has no such edition: its latest is {item.edition}."
    return None


def _explain_unsound(item_id: UUID, edition: int | None, why: str, item: CitedItem) -> str | None:
    if not item.is_published:
        return "This item has been withdrawn. Cite something else."
    if item.id != item_id:
        return f"This item was merged into the item {item.id}. Cite that one."
    if edition in item.erased:
        return "The person who gave it has taken this edition back. Cite the current one, or something else."
    if not item.is_sound and not why:
        return "This work was retracted. Remove it, or explain in `why` why it is cited."
    return None


def find_unsupported_confidence(content: GuideContent, items: Mapping[UUID, CitedItem]) -> list[FieldError]:
    """Return an error for each judgement by GRADE-CERQual of a statement that cites no qualitative research."""
    detail = "GRADE-CERQual is for findings of qualitative research: cite some, or say in plain words how sure you are."
    return [
        FieldError(pointer=f"/statements/{position}/confidence/kind", detail=detail)
        for position, statement in enumerate(content.statements)
        if isinstance(statement.confidence, QualitativeConfidence) and statement.citations
        if not QUALITATIVE_DESIGNS & _find_designs(statement, items)
    ]


def _find_designs(statement: GuideStatement, items: Mapping[UUID, CitedItem]) -> set[str | None]:
    cited: Iterable[CitedItem | None] = (items.get(citation.item_id) for citation in statement.citations)
    return {item.design for item in cited if item is not None and item.way_of_knowing == "research"}


def find_obstacles(content: GuideContent, items: Mapping[UUID, CitedItem], today: date) -> list[FieldError]:
    """Return everything that prevents a submission for review."""
    return find_gaps(content, today) + find_errors(content, items) + find_unsupported_confidence(content, items)
