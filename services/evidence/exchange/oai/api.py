"""OAI-PMH over HTTP, by GET and by POST."""

from typing import Any

from fastapi import Depends, Request, Response

from services.evidence.callers import Anyone
from services.evidence.exchange.oai import provider
from services.evidence.exchange.oai.metadata.records import LibraryIdentity
from shared.http.caching import PUBLIC_REVALIDATED
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Reading
from shared.problems import Problem, documented

router = create_router("/oai", "OAI-PMH")

MEDIA_TYPE = "text/xml"
FORM_MEDIA_TYPE = "application/x-www-form-urlencoded"
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "OAI-PMH 2.0, its errors too.", "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}
}
ARGUMENTS = ("verb", "identifier", "metadataPrefix", "from", "until", "set", "resumptionToken")
QUERY_PARAMETERS: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "query", "required": name == "verb", "schema": {"type": "string"}} for name in ARGUMENTS
    ]
}
FORM_FIELDS: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM_MEDIA_TYPE: {
                "schema": {
                    "type": "object",
                    "properties": {name: {"type": "string"} for name in ARGUMENTS},
                    "required": ["verb"],
                }
            }
        },
    }
}


class FormRequired(Problem):
    status = 415
    title = "The arguments must be sent as a form"
    detail = "Send them as application/x-www-form-urlencoded, or in the address with GET."


@router.get(
    "",
    status_code=200,
    response_class=Response,
    responses=RESPONSES,
    openapi_extra=QUERY_PARAMETERS,
    dependencies=[Depends(PUBLIC_REVALIDATED)],
)
async def harvest(request: Request, _caller: Anyone, session: Reading) -> Response:
    """Harvest the metadata of everything published: OAI-PMH 2.0 with oai_dc and oai_datacite.

    Sets are the ways of knowing (`way:research`) and the tree of topics (`topic:{id}`). What was withdrawn or merged
    stays as a deleted record for ever. Resumption tokens do not expire.
    """
    library = LibraryIdentity.of(request.app.state.settings)
    content = await provider.respond(session, library, request.scope["query_string"])
    return Response(content, media_type=MEDIA_TYPE)


@router.post(
    "",
    status_code=200,
    response_class=Response,
    responses=RESPONSES | documented(FormRequired),
    openapi_extra=FORM_FIELDS,
)
async def harvest_by_form(request: Request, _caller: Anyone, session: Reading) -> Response:
    """Harvest with the arguments in a form, as the protocol allows."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_MEDIA_TYPE:
        raise FormRequired
    library = LibraryIdentity.of(request.app.state.settings)
    content = await provider.respond(session, library, await request.body())
    return Response(content, media_type=MEDIA_TYPE)
