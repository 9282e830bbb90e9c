"""Refusals about groups of duplicates."""

from shared.problems import Conflict, Invalid, NotFound


class GroupNotFound(NotFound):
    detail = "No group of duplicates with this id was found. The open ones are at /v1/duplicates."


class GroupDecided(Conflict):
    title = "This group has been decided already"
    detail = "Somebody was there before you. What they merged is at /v1/merges and can be undone there."


class NothingDecided(Invalid):
    title = "Say what these items are"
    detail = (
        "Send `merge` with the item that is to stand for the others, or `different` with those that are works of "
        "their own."
    )


class NotAMember(Invalid):
    title = "Some of these items are not in the group"
    detail = "Read the group again: it may have changed since. Decide about its members alone."
