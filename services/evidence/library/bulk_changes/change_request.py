"""What is asked of a bulk change: which items or groups, and what is to become of them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from services.evidence.library.field_types import Country, Setting
from shared.events.contracts.evidence import RetractionNature, WayOfKnowing
from shared.views import Body

MAX_STEPS = 10_000
"""Of one bulk change. What exceeds it is counted, for a second one."""
MAX_TOPICS = 20
"""Of one item, as in `items.descriptions`."""


class ItemSelection(Body):
    """Which items: by their ids, or by the filters of the list. Filters narrow each other."""

    ids: list[UUID] | None = Field(default=None, min_length=1, max_length=MAX_STEPS)
    way_of_knowing: WayOfKnowing | None = None
    topic: UUID | None = Field(default=None, description="Only items under this topic and those below it.")
    import_id: UUID | None = Field(
        default=None, alias="import", description="Only items that a record of this import created or matched."
    )
    status: Literal["published", "draft"] | None = Field(default=None, description="Both, where left out.")
    country: Country | None = None
    setting: Setting | None = None
    imported: bool | None = Field(
        default=None, description="Only what a file or another library brought; `false`: only what somebody wrote here."
    )
    retraction: RetractionNature | None = Field(
        default=None, description="Only works for which a notice of this nature holds."
    )
    title: str | None = Field(
        default=None, min_length=1, max_length=200, description="Only titles with all these words."
    )
    without: Literal["topics", "country", "setting"] | None = Field(
        default=None, description="Only items that have none."
    )

    @model_validator(mode="after")
    def _check_something_chosen(self) -> "ItemSelection":
        if all(value is None for value in self.model_dump().values()):
            raise ValueError("Say which items: by `ids`, or by at least one filter")
        return self


class ItemChanges(Body):
    """What becomes of each item. A field that is left out stays as it is; null removes it."""

    add_topics: list[UUID] = Field(default=[], max_length=MAX_TOPICS)
    remove_topics: list[UUID] = Field(default=[], max_length=MAX_TOPICS)
    country: Country | None = None
    setting: Setting | None = None
    state: Literal["publish", "withdraw"] | None = Field(
        default=None, description="`publish`: those that are drafts. `withdraw`: for good, and nothing else with it."
    )

    @model_validator(mode="after")
    def _check_something_changed(self) -> "ItemChanges":
        described = bool(self.add_topics or self.remove_topics or self.fields)
        if not (described or self.state):
            raise ValueError("Say what is to be changed")
        if described and self.state == "withdraw":
            raise ValueError("What is withdrawn is not changed besides: leave out the other changes")
        if not set(self.add_topics).isdisjoint(self.remove_topics):
            raise ValueError("A topic is either added or removed: one is named as both")
        return self

    @property
    def fields(self) -> dict[str, str | None]:
        """The country and the setting, where they are to be changed."""
        return {name: getattr(self, name) for name in ("country", "setting") if name in self.model_fields_set}

    def patch(self, topics: Sequence[UUID]) -> dict[str, Any]:
        """Return the change of an item that is filed under these topics, as JSON Merge Patch."""
        patch: dict[str, Any] = dict(self.fields)
        if self.add_topics or self.remove_topics:
            kept_topics = [topic for topic in topics if topic not in self.remove_topics]
            patch["topics"] = [str(topic) for topic in dict.fromkeys((*kept_topics, *self.add_topics))]
        return patch


class DuplicateSelection(Body):
    """Which pairs of likely duplicates: by judgement and score, and by topic or import of a member of their group."""

    judgement: Literal["duplicate", "maybe"]
    min_similarity: Annotated[int, Field(ge=0, le=100)] = Field(default=0, description="Of the titles, at least.")
    max_similarity: Annotated[int, Field(ge=0, le=100)] = Field(default=100, description="Of the titles, at most.")
    topic: UUID | None = Field(default=None, description="Only groups with a member under this topic or below it.")
    import_id: UUID | None = Field(
        default=None, alias="import", description="Only groups with a member that this import created or matched."
    )


class DuplicateDecisions(Body):
    """Decide about all groups whose pairs are alike in the same way."""

    kind: Literal["duplicates"]
    selection: DuplicateSelection
    decision: Literal["merge", "different"] = Field(
        description="`merge`: into the member that is suggested. `different`: all are works of their own."
    )


class ManyItems(Body):
    """Change topics, country or setting of many items, publish or withdraw them. Nobody's words are changed."""

    kind: Literal["items"]
    selection: ItemSelection
    changes: ItemChanges
