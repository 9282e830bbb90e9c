"""Citations as they are shown."""

from uuid import UUID

from pydantic import Field

from services.evidence.exchange.citation_styles.citations import CitationFormat
from shared.views import View


class CitationStyle(View):
    """A way to write references."""

    style: str
    name: str


class CitationStyles(View):
    """The styles in which an item can be cited."""

    items: list[CitationStyle]


class Reference(View):
    """One entry of a list of references."""

    id: UUID
    citation: str


class References(View):
    """A list of references to chosen items, in the order in which they were chosen."""

    style: str
    format: CitationFormat
    items: list[Reference]
    left_out: list[UUID] = Field(description="The requested ids whose items are not published, or no longer are.")


class CitationView(View):
    """The reference to one item."""

    style: str
    format: CitationFormat
    citation: str
