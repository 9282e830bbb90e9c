"""Citations as the API answers them."""

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
    left_out: list[UUID] = Field(description="Which of the requested ids are not published, or not any more.")


class CitationView(View):
    """The reference to one item."""

    style: str
    format: CitationFormat
    citation: str
