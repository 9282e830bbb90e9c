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
                text("Questions that wait for an answer"),
                text("The urgent ones first."),
                "/staff/questions",
                "/v1/evidence-requests/queue",
            ),
            Queue(
                text("Answers in doubt"),
                text("What they stand on was withdrawn, corrected or retracted."),
                "/staff/questions?in_doubt=true",
                "/v1/evidence-requests/queue?in_doubt=true",
            ),
        ),
    ),
    QueueGroup(
        text("What people and files bring in"),
        (
            Queue(
                text("Drafts"),
                text("Evidence that is not public yet."),
                "/staff/evidence?status=draft",
                "/v1/evidence?status=draft",
            ),
            Queue(
                text("Other words proposed"),
                text("What people want to say differently in what is published."),
                "/staff/proposals",
                "/v1/evidence/proposals?waiting_for=editor",
            ),
            Queue(
                text("Items that may be the same work"),
                text("Decide side by side whether they are one."),
                "/staff/duplicates",
                "/v1/duplicates?status=open",
            ),
            Queue(
                text("Differences between a file and the library"),
                text("A file says something else than the item that it matched."),
                "/staff/import-conflicts",
                "/v1/import-conflicts?status=open",
            ),
            Queue(
                text("Imports"),
                text("Files of references: what became of each record, and what was rejected."),
                "/staff/imports",
            ),
            Queue(
                text("Files with rejected records"),
                text("Could not be read, and nobody has corrected them yet."),
                "/staff/imports?rejects_waiting=true",
                "/v1/imports?rejects_waiting=true",
            ),
            Queue(
                text("Harvests"),
                text("Repositories that are read again and again."),
                "/staff/harvests",
            ),
            Queue(
                text("Retraction lists"),
                text("Works that were retracted, corrected or doubted, and what was flagged."),
                "/staff/retractions",
            ),
        ),
    ),
    QueueGroup(
        text("Judgement"),
        (
            Queue(
                text("Appraisals that wait"),
                text("For a second appraiser, or for a difference to be resolved."),
                "/staff/appraisals",
                "/v1/evidence/appraisals/waiting",
            ),
        ),
    ),
    QueueGroup(
        text("Guides and learning"),
        (
            Queue(
                text("Guides that wait for review"),
                text("A second editor reads them before they are published."),
                "/staff/guides?status=review",
                "/v1/guides?status=review",
            ),
            Queue(
                text("Guides that are due"),
                text("Their review date has come."),
                "/staff/guides?due=true",
                "/v1/guides?due=true",
            ),
            Queue(
                text("Changes to evidence that guides cite"),
                text("Decide whether each statement still stands."),
                "/staff/flags",
                "/v1/guides/flags",
            ),
            Queue(
                text("Learning in doubt"),
                text("What it teaches rests on evidence that has changed."),
                "/staff/learning?is_flagged=true",
                "/v1/learning?is_flagged=true",
            ),
            Queue(
                text("Renditions that need work"),
                text("Easy Read and other forms whose text has changed since, or that readers do not see."),
                "/staff/renditions",
                "/v1/evidence/renditions/outdated",
            ),
        ),
    ),
)
