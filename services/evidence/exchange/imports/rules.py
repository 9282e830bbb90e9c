"""Which files are imported, how much of them is stored, and what a person should know of an import."""

from datetime import timedelta
from uuid import UUID

from services.evidence.exchange.additions.rules import MAX_TOPICS
from shared.problems import FieldError, Invalid, Problem


class EmptyFile(Invalid):
    pointer = "/file"
    title = "This file is empty"
    detail = "There is nothing in it to import. Export it again from where it comes from, and send it once more."


class FileTooLarge(Problem):
    status = 413
    title = "This file is too large"
    detail = "Send it in parts of at most 500 MB. Records that come twice are only matched."


MAX_FILE_BYTES = 500 * 1024 * 1024
ORIGINALS_RETENTION = timedelta(days=30)
MAX_ORIGINALS = 10_000
"""Of one import. Whoever sends a file that is wrong throughout has the rest of it."""
NO_RECORD = (
    "No record was found in it. Export the references once more from the program or database that they come from, as "
    "RIS where you can choose, and import that file."
)
ABANDONED = (
    "Reading failed {attempts} times after record {read} and was given up. What was read until there is kept. Send the "
    "file again to go on: records that are known are only matched. Tell us if it happens again."
)


def parse_topic_ids(text: str) -> list[UUID]:
    """Return the ids in this list with commas between them. Raises Invalid."""
    try:
        topics = list(dict.fromkeys(UUID(item.strip()) for item in text.split(",") if item.strip()))
    except ValueError as error:
        raise _invalid_topics(
            "These must be ids of topics, with commas between them. The list is at /v1/topics."
        ) from error
    if len(topics) > MAX_TOPICS:
        raise _invalid_topics(
            f"An item is filed under at most {MAX_TOPICS} topics. Name those that fit all of the file."
        )
    return topics


def check_topics(topics: list[UUID], unknown: list[int]) -> None:
    """Raise Invalid where there are unknown topics, given by their positions."""
    if unknown:
        details = [f"There is no topic {topics[position]}." for position in unknown]
        raise Invalid(errors=[FieldError(pointer="/topics", detail=detail) for detail in details])


def problems(problem: str | None, unparsed_lines: int) -> list[str]:
    """Return what a person should know of an import beyond its counts."""
    if problem:
        return [problem]
    match unparsed_lines:
        case 0:
            return []
        case 1:
            return ["1 line that belonged to no record was passed over."]
        case _:
            return [f"{unparsed_lines} lines that belonged to no record were passed over."]


def _invalid_topics(detail: str) -> Invalid:
    return Invalid(errors=[FieldError(pointer="/topics", detail=detail)])
