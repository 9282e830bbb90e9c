"""`/v1/roles` and `/v1/people/{person_id}/roles`: who has which role, and giving and taking them."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from gateway.roles import commands, queries, rules
from gateway.roles.callers import Administrator, GrantableRole
from gateway.roles.views import NewRoles, PersonRolesView
from gateway.settings import GatewaySettings
from shared.http.caching import NO_STORE
from shared.http.command_responses import flush_and_tag
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.pagination import Page, Paging
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1", "Roles")


async def _settings(request: Request) -> GatewaySettings:
    return request.app.state.settings


Settings = Annotated[GatewaySettings, Depends(_settings)]


@router.get("/roles", dependencies=[Depends(NO_STORE)])
async def list_role_holders(
    _caller: Administrator,
    session: Reading,
    paging: Paging,
    settings: Settings,
    role: Annotated[GrantableRole | None, Query(description="Only people who have this role.")] = None,
) -> Page[PersonRolesView]:
    """List everyone who has a role, with who gave it. People who only take part are not among them."""
    page = await queries.list_role_holders(session, paging, role, personas=settings.demo)
    issuer_gives_roles = settings.oidc_gives_roles
    items = [PersonRolesView.of(person, issuer_gives_roles=issuer_gives_roles) for person in page.items]
    return Page(items=items, next=page.next, total=page.total)


@router.get("/people/{person_id}/roles", dependencies=[Depends(NO_STORE)], responses=documented(rules.PersonNotFound))
async def get_roles(
    person_id: UUID, _caller: Administrator, session: Reading, settings: Settings, response: Response
) -> PersonRolesView:
    """Get the roles of a person, and who gives them."""
    person = await queries.get_person(session, person_id, personas=settings.demo)
    set_etag(response, person)
    return PersonRolesView.of(person, issuer_gives_roles=settings.oidc_gives_roles)


@router.put(
    "/people/{person_id}/roles",
    responses=documented(
        Invalid,
        rules.PersonNotFound,
        rules.RolesGivenByIssuer,
        rules.RolesOfTheDemo,
        rules.LastAdministrator,
        PreconditionRequired,
        PreconditionFailed,
    ),
)
async def replace_roles(
    person_id: UUID,
    body: NewRoles,
    caller: Administrator,
    match: IfMatch,
    uow: Transaction,
    settings: Settings,
    response: Response,
) -> PersonRolesView:
    """Give a person these roles and no others. A role that is taken ends all sessions of the person at once.

    Roles that the identity provider gives are changed there, and the last administrator stays one.
    """
    issuer_gives_roles = settings.oidc_gives_roles
    ways = rules.SignInWays(settings.demo, settings.sends_links, settings.oidc_issuer)
    person = await commands.replace_roles(
        uow, caller.id, person_id, body.roles, match, issuer_gives_roles=issuer_gives_roles, ways=ways
    )
    await flush_and_tag(uow, response, person)
    return PersonRolesView.of(person, issuer_gives_roles=issuer_gives_roles)
