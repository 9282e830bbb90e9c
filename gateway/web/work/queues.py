"""The queues of an evidence editor: the page of each, and the list of the API that counts what waits there."""

from dataclasses import dataclass
from typing import Final

from gateway.web.layout.languages import text


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue: its name, what its matters are, its page, and the list of the API that counts what waits in it."""

    name: str
    purpose: str
    page: str
    list: str | None = None


@dataclass(frozen=True, slots=True)
class QueueGroup:
    """Queues of one kind of work."""

    name: str
    queues: tuple[Queue, ...]


QUEUE_GROUPS: Final = (
    QueueGroup(
        text("Questions from the front line"),
        (
            Queue(
                text("Questions waiting for an answer"),
                text("The urgent ones first."),
                "/staff/questions",
                "/v1/evidence-requests/queue",
            ),
            Queue(
                text("Answers in doubt"),
                text("Something that they are based on was withdrawn, corrected or retracted."),
                "/staff/questions?in_doubt=true",
                "/v1/evidence-requests/queue?in_doubt=true",
            ),
        ),
    ),
    QueueGroup(
        text("New evidence and changes"),
        (
            Queue(
                text("Drafts"),
                text("Evidence that is not public yet."),
                "/staff/evidence?status=draft",
                "/v1/evidence?status=draft",
            ),
            Queue(
                text("Held back"),
                text("Evidence that repeats words which somebody has taken back."),
                "/staff/evidence?status=draft&held_back=true",
                "/v1/evidence?status=draft&held_back=true",
            ),
            Queue(
                text("Proposed wording"),
                text("New wording that people propose for something published."),
                "/staff/proposals",
                "/v1/evidence/proposals?waiting_for=editor",
            ),
            Queue(
                text("Items that may be the same work"),
                text("Compare them side by side, and decide whether they are the same work."),
                "/staff/duplicates",
                "/v1/duplicates?status=open",
            ),
            Queue(
                text("Differences between a file and the library"),
                text("A file and the item that it matched say different things."),
                "/staff/import-conflicts",
                "/v1/import-conflicts?status=open",
            ),
            Queue(
                text("Imports"),
                text("Files of references, what happened to each record, and what was rejected."),
                "/staff/imports",
            ),
            Queue(
                text("Files with rejected records"),
                text("Some records could not be read, and nobody has corrected them yet."),
                "/staff/imports?rejects_waiting=true",
                "/v1/imports?rejects_waiting=true",
            ),
            Queue(
                text("Harvests"),
                text("Repositories that are read regularly."),
                "/staff/harvests",
            ),
            Queue(
                text("Retraction lists"),
                text("Works that were retracted or corrected or that raise concerns, and what was flagged."),
                "/staff/retractions",
            ),
        ),
    ),
    QueueGroup(
        text("Appraisal"),
        (
            Queue(
                text("Appraisals waiting"),
                text("Waiting for a second appraiser, or for a difference to be settled."),
                "/staff/appraisals",
                "/v1/evidence/appraisals/waiting",
            ),
        ),
    ),
    QueueGroup(
        text("Guides and learning"),
        (
            Queue(
                text("Guides waiting for review"),
                text("A second editor reads them before they are published."),
                "/staff/guides?status=review",
                "/v1/guides?status=review",
            ),
            Queue(
                text("Guides due for review"),
                text("Their review date has passed."),
                "/staff/guides?due=true",
                "/v1/guides?due=true",
            ),
            Queue(
                text("Changes to evidence that guides cite"),
                text("Decide whether each statement still applies."),
                "/staff/flags",
                "/v1/guides/flags",
            ),
            Queue(
                text("Learning in doubt"),
                text("It is based on evidence that has changed."),
                "/staff/learning?is_flagged=true",
                "/v1/learning?is_flagged=true",
            ),
            Queue(
                text("Formats that need work"),
                text("Easy Read and other formats that are out of date, or that readers do not see."),
                "/staff/renditions",
                "/v1/evidence/renditions/outdated",
            ),
        ),
    ),
)
