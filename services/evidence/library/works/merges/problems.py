"""Refusals about merges."""

from shared.problems import Conflict, Invalid, NotFound


class MergeNotFound(NotFound):
    detail = "No merge with this id was found. The list is at /v1/merges."


class ItemMissing(Invalid):
    title = "One of these items does not exist"
    detail = "There is no evidence item {item_id}. Check the ids; nothing was merged."


class OnlyResearchIsMerged(Conflict):
    title = "What people give is never merged"
    detail = (
        "The item {item_id} is somebody's own account or practice knowledge: it speaks for itself, beside others like "
        "it. Whoever gave it twice may withdraw one of the two."
    )


class SurvivorGone(Conflict):
    title = "The item that is to stand for the others is not there any more"
    detail = "It was withdrawn. Choose another one to stand for them."


class SurvivorStandsElsewhere(Conflict):
    title = "The item that is to stand for the others stands in another one now"
    detail = "Merge into the item {into} instead, or undo that merge first."


class AlreadyMerged(Conflict):
    title = "One of these items has been merged already"
    detail = "The item {item_id} stands in the item {into} now. Undo that merge at /v1/merges first if it was wrong."


class ItemGone(Conflict):
    title = "One of these items was withdrawn"
    detail = "The item {item_id} is no longer shown. Leave it out."


class PublishedIntoDraft(Conflict):
    title = "A published item would disappear in a draft"
    detail = "The item {item_id} is published. Let it stand for the draft, or publish the draft first."


class LaterMergeStands(Conflict):
    title = "A later merge builds on this one"
    detail = "Undo the merge {merge_id} first."


class IdentifierTaken(Conflict):
    title = "Another item has an identifier of this one now"
    detail = (
        "The item {item_id} has the {scheme} {value} that the merge took over. Change that item, or merge it, first."
    )
