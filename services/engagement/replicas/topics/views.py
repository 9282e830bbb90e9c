"""A topic beside the assembly or project that is about it."""

from uuid import UUID

from shared.views import View


class TopicView(View):
    """The topic of an assembly or project, and how strongly the sector put it first (0 to 100)."""

    id: UUID
    name: str
    priority: int | None
