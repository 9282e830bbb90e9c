"""The data provider: responds to the requests of harvesters."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.exchange.oai import queries, responses, rules
from services.evidence.exchange.oai.metadata.formats import FORMATS
from services.evidence.exchange.oai.metadata.records import LibraryIdentity, OaiRecord
from services.evidence.exchange.oai.resumption_tokens import (
    ListPosition,
    SetPosition,
    write_list_token,
    write_set_token,
)
from shared import clock


async def respond(session: AsyncSession, library: LibraryIdentity, query: bytes) -> bytes:
    """Return the response to the arguments of a query string or form. An error of the protocol is a response too."""
    responded_at = clock.now()
    arguments: dict[str, str] = {}
    try:
        pairs = rules.parse_arguments(query)
        # The response shows the arguments even of a request that is refused, but for badVerb and badArgument.
        arguments = dict(pairs)
        request = rules.parse_request(pairs)
        responded_at, elements = await _execute(session, library, request)
    except rules.ProtocolError as error:
        elements = [responses.error_element(error)]
        if error.code in ("badVerb", "badArgument"):
            arguments = {}
    return responses.envelope(f"{library.public_url}/oai", responded_at, arguments, elements)


async def _execute(
    session: AsyncSession, library: LibraryIdentity, request: rules.OaiRequest
) -> tuple[datetime, Sequence[str]]:
    """Return the time of the response, and its elements. Raises ProtocolError."""
    match request.verb:
        case "Identify":
            earliest = await queries.earliest_datestamp(session) or clock.now()
            return clock.now(), [responses.identify(library, earliest)]
        case "ListMetadataFormats":
            if "identifier" in request.arguments:
                await _get_record(session, library, request.arguments["identifier"])
            return clock.now(), [responses.list_metadata_formats()]
        case "ListSets":
            return clock.now(), [await _list_sets(session, request)]
        case "GetRecord":
            record = await _get_record(session, library, request.arguments["identifier"])
            tree = await queries.topic_tree(session, record.header.topics)
            metadata_format = FORMATS[request.arguments["metadataPrefix"]]
            element = responses.record_element(record, tree, metadata_format, library)
            return clock.now(), [responses.verb_element("GetRecord", [element])]
        case _:
            return await _list_records(session, library, request)


async def _get_record(session: AsyncSession, library: LibraryIdentity, identifier: str) -> OaiRecord:
    item_id = rules.item_id_of(identifier, library.namespace)
    record = None if item_id is None else await queries.find_record(session, item_id)
    if record is None:
        message = f"No record has this identifier. Identifiers begin with oai:{library.namespace}:"
        raise rules.ProtocolError("idDoesNotExist", message)
    return record


async def _list_sets(session: AsyncSession, request: rules.OaiRequest) -> str:
    position = request.sets_after
    last, read = (position.topic_id, position.read) if position else (None, 0)
    topics = await queries.topics_after(session, last)
    page = topics[: queries.SETS_PER_PAGE]
    tree = await queries.topic_tree(session, page)
    elements = [] if last else responses.fixed_sets()
    elements += [responses.topic_set(topic_id, tree) for topic_id in page]
    if not elements:
        message = "There are no more sets. Begin the list again without a token."
        raise rules.ProtocolError("badResumptionToken", message)
    if len(topics) > queries.SETS_PER_PAGE:
        token = write_set_token(SetPosition(page[-1], read + len(elements)))
        elements.append(responses.resumption_token(token, read, None))
    elif last:
        elements.append(responses.resumption_token("", read, None))
    return responses.verb_element("ListSets", elements)


async def _list_records(
    session: AsyncSession, library: LibraryIdentity, request: rules.OaiRequest
) -> tuple[datetime, Sequence[str]]:
    """List records, or their headers alone."""
    selection = request.selection
    no_records = rules.ProtocolError("noRecordsMatch", "No record matches these dates and this set.")
    if selection is None or request.unknown_set:
        raise no_records
    described = request.verb == "ListRecords"
    page = await queries.read_page(session, selection, described=described)
    if not page.records:
        raise no_records
    records = page.shown_records
    tree = await queries.topic_tree(session, {topic_id for record in records for topic_id in record.header.topics})
    if described:
        metadata_format = FORMATS[selection.prefix]
        elements = [responses.record_element(record, tree, metadata_format, library) for record in records]
    else:
        elements = [responses.header_element(record.header, tree, library) for record in records]
    read = selection.after.read if selection.after else 0
    if page.has_next:
        last = records[-1].header
        position = ListPosition(last.stamped_at, last.id, read + len(records), page.size)
        token = write_list_token(request.verb, selection, position)
        elements.append(responses.resumption_token(token, read, page.size))
    elif selection.after:
        elements.append(responses.resumption_token("", read, page.size))
    return page.responded_at, [responses.verb_element(request.verb, elements)]
