"""Items as the API returns them. Reading builds JSON straight from the row: a test holds it to the models here."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Protocol
from uuid import UUID

import orjson
from fastapi import Response
from pydantic import BaseModel, Field

from services.evidence.library.items.attribution import agreement_of, credited_names
from services.evidence.library.items.descriptions import (
    COMMON_FIELDS,
    Attribution,
    Basis,
    Credit,
    LivedExperienceFields,
    PracticeKnowledgeFields,
    ResearchFields,
    Retraction,
)
from services.evidence.library.items.queries import ItemSummaryRow, NewestPage
from services.evidence.library.items.statements import PlaceField
from services.evidence.library.items.tables import Item, ItemStatus, Proposal, ProposalStatus, Side
from services.evidence.library.years import Years, years_of
from shared.callers import Caller
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.caching import NO_STORE, PUBLIC_BY_CALLER, CachePolicy
from shared.http.etags import Versioned, etag
from shared.http.pagination import Page, PageRequest
from shared.views import View


def cache_policy(caller: Caller) -> CachePolicy:
    """Return the policy of an answer about a published item that shows more to those who signed in.

    Caches ask before each use, because what is withdrawn must disappear everywhere at once. Staff see more under the
    same ETag, so the answer varies by caller.
    """
    return PUBLIC_BY_CALLER if caller.anonymous else NO_STORE


class ItemSummary(View):
    """An item in a list or a search."""

    id: UUID
    way_of_knowing: WayOfKnowing
    status: ItemStatus
    title: str
    summary: str = Field(description="At most the first 600 characters.")
    topics: list[UUID]
    country: str | None
    setting: str | None
    language: str
    published_on: str | None = Field(description="When the work was published: a year, a month or a day.")
    published_at: datetime | None = Field(description="When this library published it.")
    years: Years | None = Field(description="The years by which it is found; null where nothing says any.")
    edition: int
    retraction: Retraction | None = Field(description="The retraction notice that holds for the work. Show it first.")


class ItemPage(Page[ItemSummary]):
    """One page of items. Not every item says where it is from: a filter by place leaves out those that do not."""

    without_country: int | None = Field(
        default=None,
        description="With `country`, on the first page: how many pass the other filters and name no country.",
    )
    without_setting: int | None = Field(
        default=None,
        description="With `setting`, on the first page: how many pass the other filters and name no setting.",
    )


def item_summary(row: Iterable[Any]) -> ItemSummary:
    """Return the summary of a row of `ItemSummaryRow`."""
    return ItemSummary.model_validate(ItemSummaryRow._make(row))


class _ItemView(View):
    id: UUID
    status: ItemStatus
    title: str
    summary: str
    topics: list[UUID]
    country: str | None
    setting: str | None
    language: str
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    years: Years | None = Field(description="The years by which it is found; null where nothing says any.")
    edition: int = Field(description="Counts the changes of the description after it was published.")
    retraction: Retraction | None = Field(description="The retraction notice that holds for the work. Show it first.")
    held_back_at: datetime | None = Field(
        default=None,
        description="Since when it is a draft, also if it was published, because it repeats words that somebody has "
        "taken back. It can be published again once they are out of it.",
    )


class ResearchView(_ItemView, ResearchFields):
    way_of_knowing: Literal["research"]


class ConsentView(View):
    """What a person allows with their own account, as far as anybody has said it."""

    to_publish: bool
    attribution: Attribution
    name: str | None = Field(description="The name to show, as the person wants it. Never shown when anonymous.")
    given_by: Literal["self", "someone_acting_for_them"] | None = Field(
        description="Null until somebody has given it: a file or another library that brings an account gives none."
    )
    basis: Basis | None = Field(description="What allows somebody else to say it for the person.")
    given_on: date | None = Field(description="When it was given.")


class LivedExperienceView(_ItemView, LivedExperienceFields):
    way_of_knowing: Literal["lived_experience"]
    attributed_to: str | None = Field(description="The name that the person chose; null if they stay anonymous.")
    consent: ConsentView | None = Field(description="Shown only to the person who gave it and to editors.")


class PracticeKnowledgeView(_ItemView, PracticeKnowledgeFields):
    way_of_knowing: Literal["practice_knowledge"]
    attributed_to: str | None = Field(description="The organisation or person to name; null for none.")
    credit: Credit | None = Field(description="Shown only to the person who gave it and to editors.")


ItemView = Annotated[ResearchView | LivedExperienceView | PracticeKnowledgeView, Field(discriminator="way_of_knowing")]


class WordChange(View):
    """What a proposal would change in one field."""

    field: str
    before: Any = Field(description="When it was proposed.")
    after: Any


class ProposalView(View):
    """Other words for an item. They are shown to the person who gave it and to editors, and change nothing yet."""

    id: UUID
    item_id: UUID
    proposed_by: Side
    waiting_for: Side | None = Field(description="Who is to accept or decline it; null once it was answered.")
    status: ProposalStatus = Field(
        description="`replaced`: whoever proposed it has put other words in its place. `withdrawn`: with its item, or "
        "by the side that proposed it."
    )
    fields: list[str] = Field(description="The fields that it would change.")
    changes: list[WordChange] = Field(
        description="Empty once it was accepted, since the editions of the item hold the words, or withdrawn."
    )
    outdated: bool = Field(description="One of these fields was changed since, so that it can only be declined.")
    reason: str | None = Field(description="Why it was declined, if that was said.")
    edition: int | None = Field(description="The edition of the published item that it became.")
    created_at: datetime
    decided_at: datetime | None

    @classmethod
    def of(cls, proposal: Proposal, *, outdated: bool = False) -> "ProposalView":
        """Return the view."""
        other_side: dict[Side, Side] = {"editor": "contributor", "contributor": "editor"}
        changes = [
            WordChange(field=name, before=proposal.before.get(name), after=value)
            for name, value in sorted(proposal.after.items())
        ]
        return cls(
            waiting_for=other_side[proposal.proposed_by] if proposal.status == "waiting" else None,
            changes=changes,
            outdated=outdated,
            **proposal.model_dump(include=set(cls.model_fields)),
        )


class Withdrawal(View):
    """What remains of a withdrawn item."""

    id: UUID
    withdrawn_at: datetime


_COMMON = (
    "id",
    "way_of_knowing",
    "status",
    "retraction",
    "title",
    "summary",
    "topics",
    "country",
    "setting",
    "language",
    "created_at",
    "updated_at",
    "published_at",
    "edition",
)


def _defaults(fields: type[BaseModel]) -> dict[str, Any]:
    return {name: field.get_default() for name, field in fields.model_fields.items() if not field.is_required()}


DETAIL_DEFAULTS: dict[str, dict[str, Any]] = {
    "research": _defaults(ResearchFields),
    "lived_experience": _defaults(LivedExperienceFields),
    "practice_knowledge": _defaults(PracticeKnowledgeFields),
}
"""Values of fields that did not exist yet when an item was written."""


class ShownItem(Versioned, Protocol):
    """An item or one of its editions: a row with the common fields of `_ItemView`."""

    @property
    def way_of_knowing(self) -> str: ...
    @property
    def status(self) -> ItemStatus: ...
    @property
    def published_at(self) -> datetime | None: ...
    @property
    def details(self) -> Mapping[str, Any]: ...


def item_view(row: ShownItem, *, show_agreement: bool) -> dict[str, Any]:
    """Return the fields of the view of an item or an edition.

    `show_agreement`: whether the reader may see what the person agreed to (consent or credit).
    """
    view: dict[str, Any] = {name: getattr(row, name) for name in _COMMON}
    way = row.way_of_knowing
    view |= DETAIL_DEFAULTS[way]
    view |= row.details
    view["held_back_at"] = getattr(row, "held_back_at", None)
    years = years_of(way, row.details, row.published_at)
    view["years"] = years and years.model_dump()
    if way != "research":
        agreement = "consent" if way == "lived_experience" else "credit"
        view["attributed_to"] = next(iter(credited_names(way, row.details)), None)
        view[agreement] = agreement_of(way, row.details) if show_agreement else None
    return view


def description_of(item: Item, topics: list[UUID]) -> dict[str, Any]:
    """Return the description as its contributor wrote it: what a merge patch applies to."""
    common = {name: getattr(item, name) for name in COMMON_FIELDS - {"topics"}}
    return {**common, "topics": [str(topic) for topic in topics], **item.details}


def item_response(row: ShownItem, *, whole: bool, status: int = 200, **extra: object) -> Response:
    """Return the answer about an item or an edition, with its ETag.

    `whole`: for the person who gave it and editors, who see what was agreed. `extra`: further fields of the view.
    """
    view = item_view(row, show_agreement=whole) | extra
    headers = {**item_cache_policy(row, whole=whole).headers, "ETag": etag(row)}
    return Response(_json(view), status, headers, media_type="application/json")


def proposal_response(proposal: Proposal, status: int = 202) -> Response:
    """Return the answer to a change that waits for the other side."""
    path = f"/v1/evidence/proposals/{proposal.id}"
    headers = {**NO_STORE.headers, "ETag": etag(proposal), "Location": path}
    content = ProposalView.of(proposal).model_dump_json()
    return Response(content, status, headers, media_type="application/json")


def item_cache_policy(row: ShownItem, *, whole: bool) -> CachePolicy:
    """Return the policy of an answer about this item."""
    return NO_STORE if whole or row.status != "published" else PUBLIC_BY_CALLER


def newest_response(page: NewestPage, paging: PageRequest) -> Response:
    """Return a page of published items."""
    body: dict[str, Any] = {
        "items": page.rows,
        "next": paging.next_url(page.key) if page.key else None,
        "total": page.total,
        **_without(page.without),
    }
    return Response(_json(body), headers={**PUBLIC_BY_CALLER.headers, **_link(paging)}, media_type="application/json")


def drafts_response(page: Page[ItemSummary], paging: PageRequest, without: Mapping[PlaceField, int | None]) -> Response:
    return Response(
        ItemPage.model_validate({**dict(page), **_without(without)}).model_dump_json(),
        headers={**NO_STORE.headers, **_link(paging)},
        media_type="application/json",
    )


def _without(counts: Mapping[PlaceField, int | None]) -> dict[str, int | None]:
    return {f"without_{name}": count for name, count in counts.items()}


def _link(paging: PageRequest) -> dict[str, str]:
    return {"Link": paging.response.headers["link"]} if "link" in paging.response.headers else {}


def _json(value: object) -> bytes:
    return orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z)
