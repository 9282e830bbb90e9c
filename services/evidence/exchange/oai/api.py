"""OAI-PMH over HTTP, by GET and by POST."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request, Response
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.callers import Anyone
from services.evidence.exchange.oai import answers, queries, rules
from services.evidence.exchange.oai.formats import FORMATS, Library
from services.evidence.library.items.views import PUBLIC
from shared import clock
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Reading
from shared.problems import Problem, documented

router = create_router("/oai", "OAI")

MOST_ARGUMENTS = 20
XML = "text/xml"
ANSWERED: dict[int | str, dict[str, Any]] = {
    200: {"description": "OAI-PMH 2.0, its errors too.", "content": {XML: {"schema": {"type": "string"}}}}
}
ARGUMENTS = ("verb", "identifier", "metadataPrefix", "from", "until", "set", "resumptionToken")
IN_ADDRESS: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "query", "required": name == "verb", "schema": {"type": "string"}} for name in ARGUMENTS
    ]
}
IN_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in ARGUMENTS},
                    "required": ["verb"],
                }
            }
        },
    }
}


class NotAForm(Problem):
    status = 415
    title = "A form is wanted here"
    detail = "Send the arguments as application/x-www-form-urlencoded, or in the address with GET."


@router.get("", status_code=200, response_class=Response, responses=ANSWERED, openapi_extra=IN_ADDRESS)
async def harvest(request: Request, caller: Anyone, session: Reading) -> Response:
    """Metadata of everything published, for other libraries: OAI-PMH 2.0 with oai_dc and oai_datacite.

    Sets are the ways of knowing (`way:research`) and the tree of topics (`topic:{id}`). What was withdrawn or merged
    stays as a deleted record for ever. Tokens never run out.
    """
    return await _answer(request, session, request.scope["query_string"])


@router.post(
    "", status_code=200, response_class=Response, responses=ANSWERED | documented(NotAForm), openapi_extra=IN_FORM
)
async def harvest_by_form(request: Request, caller: Anyone, session: Reading) -> Response:
    """The same with the arguments in a form, as the protocol has it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise NotAForm
    return await _answer(request, session, await request.body())


async def _answer(request: Request, session: AsyncSession, asked: bytes) -> Response:
    library = library_of(request)
    at = clock.now()
    shown: dict[str, str] = {}
    try:
        understood = rules.read(_pairs(asked))
        shown = dict(understood.arguments)
        at, parts = await _parts(request, session, understood, library)
    except rules.Refused as refused:
        parts = [answers.error(refused)]
        if refused.code in ("badVerb", "badArgument"):
            shown = {}
        elif not shown:
            shown = dict(_pairs(asked))
    content = answers.envelope(f"{library.public_url}/oai", at, shown, parts)
    return Response(content, media_type=XML, headers=PUBLIC)


def _pairs(asked: bytes) -> list[tuple[str, str]]:
    """Raises Refused."""
    try:
        return parse_qsl(
            asked.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_ARGUMENTS,
        )
    except ValueError:
        sentence = "The arguments could not be read: write name=value, with & between, escaped as UTF-8."
        raise rules.Refused("badArgument", sentence) from None


def library_of(request: Request) -> Library:
    settings = request.app.state.settings
    return Library(settings.library_name, settings.public_url, settings.namespace)


async def _parts(
    request: Request, session: AsyncSession, asked: rules.Request, library: Library
) -> tuple[datetime, Sequence[str]]:
    """The time of the answer, and what it says. Raises Refused."""
    match asked.verb:
        case "Identify":
            earliest = await queries.earliest(session) or clock.now()
            return clock.now(), [answers.identify(library, request.app.state.settings.library_email, earliest)]
        case "ListMetadataFormats":
            if "identifier" in asked.arguments:
                await _found(session, asked.arguments["identifier"], library)
            return clock.now(), [answers.formats()]
        case "ListSets":
            return clock.now(), [await _sets(session, asked)]
        case "GetRecord":
            row = await _found(session, asked.arguments["identifier"], library)
            above = await queries.topics_above(session, row.topics)
            chosen = FORMATS[asked.arguments["metadataPrefix"]]
            return clock.now(), [answers.listed("GetRecord", [answers.record(row, above, chosen, library)])]
        case _:
            return await _list(session, asked, library)


async def _found(session: AsyncSession, identifier: str, library: Library) -> Row[Any]:
    item_id = rules.item_of(identifier, library.namespace)
    row = None if item_id is None else await queries.record(session, item_id)
    if row is None:
        raise rules.Refused("idDoesNotExist", f"No record is called this. They begin with oai:{library.namespace}:")
    return row


async def _sets(session: AsyncSession, asked: rules.Request) -> str:
    last, read = asked.sets_after or (None, 0)
    found = await queries.topics_after(session, last)
    shown = found[: queries.SETS_ON_PAGE]
    above = await queries.topics_above(session, shown)
    parts = [] if last else answers.fixed_sets()
    parts += [answers.topic_set(topic, above) for topic in shown]
    if not parts:
        raise rules.Refused("badResumptionToken", "The list of sets has ended. Begin it again without a token.")
    if len(found) > queries.SETS_ON_PAGE:
        parts.append(answers.token(rules.sets_token(shown[-1], read + len(parts)), read, None))
    elif last:
        parts.append(answers.token("", read, None))
    return answers.listed("ListSets", parts)


async def _list(session: AsyncSession, asked: rules.Request, library: Library) -> tuple[datetime, Sequence[str]]:
    selection = asked.selection
    nothing = rules.Refused("noRecordsMatch", "There are no records of this time and set.")
    if selection is None or asked.unknown_set:
        raise nothing
    whole = asked.verb == "ListRecords"
    found = await queries.page(session, selection, words=whole)
    if not found.rows:
        raise nothing
    above = await queries.topics_above(session, {topic for row in found.shown for topic in row.topics})
    if whole:
        chosen = FORMATS[selection.prefix]
        parts = [answers.record(row, above, chosen, library) for row in found.shown]
    else:
        parts = [answers.header(row, above, library) for row in found.shown]
    read = selection.after.read if selection.after else 0
    if found.goes_on:
        last = found.shown[-1]
        place = rules.Place(last.stamped_at, last.id, read + len(found.shown), found.size)
        parts.append(answers.token(rules.token(asked.verb, selection, place), read, found.size))
    elif selection.after:
        parts.append(answers.token("", read, found.size))
    return found.at, [answers.listed(asked.verb, parts)]
