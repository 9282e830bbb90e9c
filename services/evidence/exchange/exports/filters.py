"""The filters of an export beside those of the search: what the list of items may be filtered by, too."""

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query

from services.evidence.library.items.statements import ItemFilters, title_patterns
from shared.events.contracts.evidence import RetractionNature


@dataclass(frozen=True, slots=True)
class OwnFilters:
    """As in `/v1/evidence`; None filters nothing."""

    status: Literal["published", "draft"] = "published"
    import_id: UUID | None = None
    imported: bool | None = None
    retraction: RetractionNature | None = None
    title: str | None = None

    @property
    def of_items(self) -> ItemFilters:
        """Return the filters as those of the list."""
        patterns = None if self.title is None else title_patterns(self.title)
        return ItemFilters(import_id=self.import_id, imported=self.imported, retraction=self.retraction, title=patterns)


NO_FILTERS = OwnFilters()


async def _filters(
    status: Annotated[
        Literal["published", "draft"], Query(description="Drafts are for editors, in a file that no cache keeps.")
    ] = "published",
    import_id: Annotated[
        UUID | None, Query(alias="import", description="Only items that a record of this import created or matched.")
    ] = None,
    imported: Annotated[
        bool | None,
        Query(description="Only what a file or another library brought; with `false`, only what somebody wrote here."),
    ] = None,
    retraction: Annotated[
        RetractionNature | None, Query(description="Only works for which a notice of this nature holds.")
    ] = None,
    title: Annotated[
        str | None, Query(min_length=1, max_length=200, description="Only titles with all these words.")
    ] = None,
) -> OwnFilters:
    return OwnFilters(status, import_id, imported, retraction, title)


ExportFilters = Annotated[OwnFilters, Depends(_filters)]
"""The filters of a request, from its query parameters."""
