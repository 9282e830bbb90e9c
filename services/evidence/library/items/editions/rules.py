"""Which editions of an item may be erased."""

from services.evidence.library.items.rules import check_contributor_or_editor
from services.evidence.library.items.tables import Item
from shared.callers import Caller
from shared.problems import Conflict, Gone


class EditionErased(Gone):
    title = "The text of this edition was erased"
    detail = "Its author took it back. The current edition is at the address of the item."


class EditionIsCurrent(Conflict):
    title = "This is the current edition"
    detail = "Change the item first, then erase its earlier text. To remove all of it, withdraw the item."


class ResearchEditionsAreKept(Conflict):
    title = "Editions of research cannot be erased"
    detail = (
        "They record what others cited. Only editions of accounts and practice knowledge can be erased, by those who "
        "gave them."
    )


def check_may_erase(caller: Caller, item: Item, edition: int) -> None:
    """Allow the contributor and editors. Raises NotAllowed, ResearchEditionsAreKept, EditionIsCurrent."""
    check_contributor_or_editor(caller, item)
    if item.way_of_knowing == "research":
        raise ResearchEditionsAreKept
    if edition == item.edition:
        raise EditionIsCurrent
