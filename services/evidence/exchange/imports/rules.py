"""Which files are imported, how much of them is stored, and what a person should know about an import."""

from datetime import timedelta
from uuid import UUID

from services.evidence.exchange.additions.rules import MAX_TOPICS
from shared.problems import FieldError, Invalid, Problem


class EmptyFile(Invalid):
    pointer = "/file"
    title = "This file is empty"
    detail = "It holds nothing to import. Export the references again from their source, and send the new file."


class FileTooLarge(Problem):
    status = 413
    title = "This file is too large"
    detail = "Split it into files of at most 500 MB. A record that is in two of them is added only once."


MAX_FILE_BYTES = 500 * 1024 * 1024
ORIGINALS_RETENTION = timedelta(days=30)
MAX_ORIGINALS = 10_000
"""For one import. If a file is wrong throughout, its sender has the rest of it."""
NO_RECORD = (
    "No record was found in it. Export the references again from the program or database that they come from, as RIS "
    "if you can choose, and import that file."
)
ABANDONED = (
    "Reading failed {attempts} times after record {read} and was given up. What was read before is kept. Send the file "
    "again to go on: records that the library has are not added twice. Tell us if it happens again."
)
UNCLEAR_NAMES = (
    "{names} without a comma {are} kept as written, since nothing in the file shows whether the surname comes first. "
    "If they are names of people, export the file again with a comma behind the surname."
)


def parse_topic_ids(text: str) -> list[UUID]:
    """Return the ids in this list, which commas separate. Raises Invalid."""
    try:
        topics = list(dict.fromkeys(UUID(item.strip()) for item in text.split(",") if item.strip()))
    except ValueError as error:
        raise _invalid_topics("Give ids of topics, separated by commas. The list is at /v1/topics.") from error
    if len(topics) > MAX_TOPICS:
        raise _invalid_topics(
            f"An item is filed under at most {MAX_TOPICS} topics. Give those that fit the whole file."
        )
    return topics


def check_topics(topics: list[UUID], unknown: list[int]) -> None:
    """Raise Invalid where there are unknown topics, given by their positions."""
    if unknown:
        details = [f"There is no topic {topics[position]}." for position in unknown]
        raise Invalid(errors=[FieldError(pointer="/topics", detail=detail) for detail in details])


def problems(problem: str | None, unparsed_lines: int, unclear_names: int) -> list[str]:
    """Return what a person should know about an import besides its counts."""
    if problem:
        return [problem]
    notes: list[str] = []
    if unparsed_lines:
        lines = "1 line" if unparsed_lines == 1 else f"{unparsed_lines} lines"
        notes.append(f"{lines} that belonged to no record {'was' if unparsed_lines == 1 else 'were'} skipped.")
    if unclear_names:
        names = "1 name" if unclear_names == 1 else f"{unclear_names} names"
        notes.append(UNCLEAR_NAMES.format(names=names, are="is" if unclear_names == 1 else "are"))
    return notes


def _invalid_topics(detail: str) -> Invalid:
    return Invalid(errors=[FieldError(pointer="/topics", detail=detail)])
