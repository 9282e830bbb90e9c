"""A topic beside the assembly or project that is about it."""

from uuid import UUID

from shared.views import View


class TopicView(View):
    """The topic of an assembly or project. `priority` is 0 to 100, and null until the sector was asked."""

    id: UUID
    name: str
    priority: int | None
