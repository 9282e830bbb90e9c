"""An edition of a guide as JSON, built directly from the stored document. A test compares it with `views.GuideView`."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from fastapi import Response

from services.evidence.callers import is_editor_or_partner
from services.evidence.library.items.attribution import credited_names
from services.evidence.library.items.descriptions import WAYS
from services.evidence.publications.cited_items.etags import json_response
from services.evidence.publications.cited_items.rules import (
    CitedItem,
    Issue,
    count_by_way_of_knowing,
    find_issues,
    find_open_issues,
    is_unsupported,
)
from services.evidence.publications.guides.citations.queries import GuideCitation
from services.evidence.publications.guides.documents.checks import find_obstacles
from services.evidence.publications.guides.documents.content import GuideContent, GuideStatement
from services.evidence.publications.guides.editions.queries import HELD_BACK_TITLE, EditionSnapshot
from services.evidence.publications.guides.views import FLAG_EXPLANATIONS, WAY_NAMES
from shared import clock
from shared.callers import Caller
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.caching import NO_STORE, PUBLIC_BY_CALLER, CachePolicy

HELD_BACK = "This is held back until an editor has looked at it: all that it relied on was withdrawn or retracted."
NO_LONGER_SHOWN = "This is no longer shown: all that it relied on was withdrawn or retracted."
"""In the place of a statement of an earlier edition, which nobody changes any more."""
_STATEMENT_FIELDS = ("id", "text", "what_to_try", "cost", "effort", "conditions", "confidence")
_DEFAULTS = {name: GuideStatement.model_fields[name].get_default() for name in _STATEMENT_FIELDS if name != "text"}
"""Values of fields that did not exist yet when an edition was written."""


class _CitedItemView(NamedTuple):
    """A cited item with the fields that are the same in every citation of it."""

    item_id: UUID
    item: CitedItem
    fields: dict[str, Any]


def respond(
    snapshot: EditionSnapshot,
    policy: CachePolicy = NO_STORE,
    *,
    status: int = 200,
    location: str | None = None,
    whole: bool = True,
    caller: Caller | None = None,
) -> Response:
    """Return the edition, a draft with its obstacles and whether the caller wrote in it, and an ETag of the whole body.

    Without `whole`, what has nothing left to stand on is held back.
    """
    document = _present(snapshot, clock.today(), caller)
    if not whole:
        _hold_back(document, snapshot.repeats)
    body = orjson.dumps(document, default=str, option=orjson.OPT_UTC_Z)
    response = json_response(body, snapshot.guide, policy, status=status)
    if location is not None:
        response.headers["Location"] = location
    return response


def respond_to_reader(snapshot: EditionSnapshot, caller: Caller) -> Response:
    """Return the edition so that caches may keep it if it is published.

    Those who write guides read the whole of it, everyone else without the statements that are held back.
    """
    whole = is_editor_or_partner(caller)
    return respond(
        snapshot,
        PUBLIC_BY_CALLER if snapshot.status == "published" and not whole else NO_STORE,
        whole=whole,
        caller=caller,
    )


def _hold_back(document: dict[str, Any], repeats: Collection[UUID]) -> None:
    """Put a sentence in the place of each statement that has nothing left to stand on, and of what repeats words."""
    sentence = HELD_BACK if document["superseded_at"] is None else NO_LONGER_SHOWN
    if document["id"] in repeats:
        document.update(title=HELD_BACK_TITLE, summary=sentence)
    for statement in document["statements"]:
        if statement["held_back"]:
            statement.update(text=sentence, **{name: value for name, value in _DEFAULTS.items() if name != "id"})
            for citation in statement["citations"]:
                citation["why"] = ""


def _present(snapshot: EditionSnapshot, today: date, caller: Caller | None) -> dict[str, Any]:
    guide = present_guide(snapshot)
    if snapshot.draft is None:
        return guide
    obstacles = find_obstacles(GuideContent.model_validate(snapshot.content), snapshot.items, today)
    return {
        **guide,
        "returned_because": snapshot.draft.returned_because,
        "written_by_you": caller is not None and caller.id in snapshot.draft.author_ids,
        "obstacles": [error.model_dump() for error in obstacles],
    }


def present_guide(snapshot: EditionSnapshot) -> dict[str, Any]:
    """Return the fields of a GuideView."""
    content = snapshot.content
    items = {str(item_id): _present_item(item_id, item) for item_id, item in snapshot.items.items()}
    statements = [_present_statement(statement, items, snapshot) for statement in content["statements"]]
    return {
        "id": snapshot.guide.id,
        "status": snapshot.status,
        "edition": snapshot.edition,
        **{name: content[name] for name in ("title", "summary", "language", "topics")},
        "review_on": snapshot.guide.review_on if snapshot.is_current else content["review_on"],
        "published_at": snapshot.published_at,
        "superseded_at": snapshot.superseded_at,
        "balance": _present_guide_balance(snapshot, statements),
        "is_flagged": any(statement["flags"] for statement in statements),
        "statements": statements,
    }


def _present_item(item_id: UUID, item: CitedItem) -> _CitedItemView:
    public = item.is_published
    fields: dict[str, Any] = {
        "current_edition": item.edition if public else None,
        "way_of_knowing": item.way_of_knowing,
        "status": "published" if public else "withdrawn",
        "title": item.title,
        "language": item.language if public else None,
        "attributed_to": credited_names(item.way_of_knowing, item.details) if item.details is not None else [],
        "retraction": item.retraction if public else None,
        "merged_into": item.id if item.id != item_id else None,
        "withdrawn_at": None if public else item.withdrawn_at,
    }
    return _CitedItemView(item_id, item, fields)


def _present_statement(
    statement: Mapping[str, Any], items: Mapping[str, _CitedItemView], snapshot: EditionSnapshot
) -> dict[str, Any]:
    issues_now: list[Issue | None] = []
    flags: list[dict[str, Any]] = []
    citations: list[dict[str, Any]] = []
    statement_id = UUID(statement["id"])
    for citation in (*statement["citations"], *_quoted(statement, snapshot)):
        view = items[citation["item_id"]]
        stored = snapshot.citations.get((statement_id, view.item_id))
        edition = citation["edition"] or view.item.edition
        citations.append(_present_citation(citation, edition, view, stored))
        issues = find_issues(view.item_id, edition, view.item)
        open_issues = find_open_issues(issues, stored.accepted if stored else ())
        issues_now.append(next(iter(open_issues), None))
        flags += [_present_flag(issue, view, stored) for issue in open_issues[:1]]
    item_ids = [items[citation["item_id"]].item_id for citation in statement["citations"]]
    return {
        **{name: statement.get(name, _DEFAULTS.get(name)) for name in _STATEMENT_FIELDS},
        "citations": citations,
        "balance": _present_balance(item_ids, snapshot.items, "this statement"),
        "flags": flags,
        "held_back": snapshot.status == "published"
        and (is_unsupported(issues_now) or statement_id in snapshot.repeats),
    }


def _quoted(statement: Mapping[str, Any], snapshot: EditionSnapshot) -> list[dict[str, Any]]:
    """Return the citations that nobody wrote: of items whose words the statement repeats, and which took them back."""
    cited = {citation["item_id"] for citation in statement["citations"]}
    return [
        {"item_id": str(stored.item_id), "edition": stored.edition, "why": ""}
        for stored in snapshot.citations.values()
        if stored.repeats and str(stored.statement_id) == statement["id"] and str(stored.item_id) not in cited
    ]


def _present_citation(
    citation: Mapping[str, Any], edition: int, view: _CitedItemView, stored: GuideCitation | None
) -> dict[str, Any]:
    public = view.item.is_published
    accepted = stored.accepted if stored and public else ()
    return {
        "item_id": view.item_id,
        "edition": edition,
        **view.fields,
        "why": citation["why"] if public else "",
        "repeats": stored is not None and stored.repeats,
        "accepted_issues": [{name: issue[name] for name in ("reason", "because", "on")} for issue in accepted],
    }


def _present_flag(issue: Issue, view: _CitedItemView, stored: GuideCitation | None) -> dict[str, Any]:
    """Present a flag. It began when the citation was flagged; until that event is handled, when the item changed."""
    since = stored.flagged_at if stored and stored.flagged_at else view.item.updated_at
    explanation = FLAG_EXPLANATIONS[issue.reason]
    return {"reason": issue.reason, "item_id": view.item_id, "since": since, "explanation": explanation}


def _present_balance(item_ids: Iterable[UUID], items: Mapping[UUID, CitedItem], where: str) -> dict[str, Any]:
    counts = count_by_way_of_knowing(item_ids, items)
    missing: list[WayOfKnowing] = [way for way in WAYS if not counts[way]]
    return {**counts, "missing": missing, "explanation": _explain_balance(where, missing)}


def _present_guide_balance(snapshot: EditionSnapshot, statements: Collection[Mapping[str, Any]]) -> dict[str, Any]:
    cited = {UUID(citation["item_id"]) for part in snapshot.content["statements"] for citation in part["citations"]}
    balance = _present_balance(cited, snapshot.items, "this guide")
    without = {way: sum(way in statement["balance"]["missing"] for statement in statements) for way in WAYS}
    return {**balance, "statements_without": without}


def _explain_balance(where: str, missing: Collection[WayOfKnowing]) -> str:
    if not missing:
        return f"Research, lived experience and practice knowledge are all cited in {where}."
    if len(missing) == len(WAYS):
        return f"No evidence that is valid today is cited in {where}."
    names = " and ".join(WAY_NAMES[way] for way in missing)
    return f"{names[0].upper()}{names[1:]} {'is' if len(missing) == 1 else 'are'} missing from {where}."
