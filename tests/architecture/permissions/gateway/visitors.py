"""The gateway: attempts on its public pages, sign-in and partners' keys."""

from datetime import timedelta
from typing import Final

import httpx

from gateway.credentials.tokens import LINK_PREFIX, create_token, hash_token
from gateway.identity.tables import OneTimeLink, Person, Session
from gateway.web.layout.assets import asset_hash
from shared import clock
from shared.persistence.tables import new_id
from tests.architecture.permissions.attempts import Attempt, Noun, Prepared, operations
from tests.architecture.permissions.gateway.prepared import FORM, ids_of_nothing
from tests.architecture.permissions.gateway.world import ADMINISTRATOR, CLIENT, DEVELOPER, GatewayWorld, person_row


async def asset(_world: GatewayWorld) -> Prepared:
    return {"hash": asset_hash("impact.css"), "name": "impact.css"}


async def language(_world: GatewayWorld) -> Prepared:
    return {"language": "cy"}


async def question(_world: GatewayWorld) -> Prepared:
    return {"slug": "title"}


async def code_of_nothing(_world: GatewayWorld) -> Prepared:
    return {"code": "NONE"}


async def slug(_world: GatewayWorld) -> Prepared:
    return {"slug": "not-allowed"}


async def link(world: GatewayWorld) -> Prepared:
    """Create a one-time sign-in link."""
    token = create_token(LINK_PREFIX)
    await world.add(person_row(DEVELOPER))
    expires = clock.now() + timedelta(hours=1)
    await world.add(OneTimeLink(digest=hash_token(token), person_id=DEVELOPER.id, expires_at=expires))
    return {"token": token}


async def session(world: GatewayWorld) -> Prepared:
    """Sign the developer in."""
    await world.add(person_row(DEVELOPER))
    row = Session(digest=new_id().bytes, person_id=DEVELOPER.id, expires_at=clock.now() + timedelta(hours=1))
    await world.add(row)
    return {"session_id": row.id}


async def somebody(world: GatewayWorld) -> Prepared:
    """Create a person who has no role, and see that there is another administrator."""
    await world.add(person_row(ADMINISTRATOR))
    row = Person(id=new_id())
    await world.add(row)
    return {"person_id": row.id}


async def api_client(world: GatewayWorld) -> Prepared:
    transport = httpx.ASGITransport(app=world.app)
    headers = await world.signed_in(DEVELOPER)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as http:
        response = await http.post("/v1/api-clients", json=CLIENT)
    assert response.status_code == 201, response.text
    return {"client_id": response.json()["id"], "key_id": response.json()["keys"][0]["id"]}


NOUNS: Final = (
    operations("gateway"),
    Noun(
        "gateway",
        "pages",
        (
            Attempt("GET /"),
            Attempt("GET /docs"),
            Attempt("GET /openapi.json"),
            Attempt("GET /problems"),
            Attempt("GET /problems/{slug}", slug),
            Attempt("GET /status"),
            Attempt("GET /accessibility"),
            Attempt("GET /privacy"),
            Attempt("GET /cookies"),
            Attempt("GET /contact"),
            Attempt("GET /assets/{hash}/{name}", asset),
            Attempt("GET /favicon.ico"),
            Attempt("GET /robots.txt"),
            Attempt("GET /.well-known/security.txt"),
            Attempt("GET /language/{language}", language),
            Attempt("GET /preferences"),
            Attempt("POST /preferences"),
            Attempt("GET /search"),
            Attempt("GET /search/contributions.csv"),
            Attempt("GET /evidence"),
            Attempt("GET /evidence/{id}", ids_of_nothing),
            Attempt("GET /questions"),
            Attempt("GET /questions/ask"),
            Attempt("POST /questions/ask", content=b"question=Which+breaks+help%3F&urgency=today", headers=FORM),
            Attempt("GET /questions/mine"),
            Attempt("GET /questions/{id}", ids_of_nothing),
            Attempt("GET /questions/{id}/asked", ids_of_nothing),
            Attempt("GET /questions/{id}/use", ids_of_nothing),
            Attempt("POST /questions/{id}/use", ids_of_nothing),
            Attempt("GET /questions/{id}/reopen", ids_of_nothing),
            Attempt("POST /questions/{id}/reopen", ids_of_nothing),
            Attempt("GET /questions/{id}/withdraw", ids_of_nothing),
            Attempt("POST /questions/{id}/withdraw", ids_of_nothing),
            Attempt("GET /learning"),
            Attempt("GET /learning/{id}", ids_of_nothing),
            Attempt("POST /learning/{id}", ids_of_nothing),
            Attempt("GET /learning/record"),
            Attempt("GET /learning/record/{id}", ids_of_nothing),
            Attempt("POST /learning/record/{id}/certify", ids_of_nothing),
            Attempt("POST /learning/record/{id}/revoke", ids_of_nothing),
            Attempt("GET /learning/record/{id}/erase", ids_of_nothing),
            Attempt("POST /learning/record/{id}/erase", ids_of_nothing),
            Attempt("GET /learning/certificates/{code}", code_of_nothing),
            Attempt("GET /evidence/{id}/versions/{number}", ids_of_nothing),
            Attempt("GET /topics"),
            Attempt("GET /topics/priorities.csv"),
            Attempt("GET /topics/{id}", ids_of_nothing),
            Attempt("GET /topics/{id}/priority.csv", ids_of_nothing),
            Attempt("GET /topics/{id}/coverage.csv", ids_of_nothing),
            Attempt("GET /gaps"),
            Attempt("GET /gaps/coverage.csv"),
            Attempt("GET /guides"),
            Attempt("GET /guides/{id}", ids_of_nothing),
            Attempt("GET /guides/{id}/versions/{number}", ids_of_nothing),
            Attempt("GET /line-of-sight"),
            Attempt("GET /line-of-sight/thread.csv"),
            Attempt("GET /welcome"),
            Attempt("GET /sign-in/{token}", link),
            Attempt("POST /sign-in/{token}", link),
            Attempt("POST /welcome/sign-out"),
            Attempt("POST /v1/session/sign-out"),
            Attempt("GET /saved-answers"),
            Attempt("POST /saved-answers/delete"),
        ),
        scopes="evidence",
    ),
    Noun(
        "gateway",
        "contributions",
        (
            Attempt("GET /take-part"),
            Attempt("GET /tell"),
            Attempt("POST /tell", content=b"way=lived_experience", headers=FORM),
            Attempt("GET /tell/preview"),
            Attempt("GET /tell/check"),
            Attempt("POST /tell/check"),
            Attempt("GET /tell/{slug}", question),
            Attempt("POST /tell/{slug}", question),
            Attempt("GET /contributions"),
            Attempt("GET /contributions/{id}", ids_of_nothing),
            Attempt("POST /contributions/{id}/proposals/{proposal_id}", ids_of_nothing),
            Attempt("GET /contributions/{id}/consent", ids_of_nothing),
            Attempt("POST /contributions/{id}/consent", ids_of_nothing),
            Attempt("GET /contributions/{id}/words", ids_of_nothing),
            Attempt("POST /contributions/{id}/words", ids_of_nothing),
            Attempt("GET /contributions/{id}/withdraw", ids_of_nothing),
            Attempt("POST /contributions/{id}/withdraw", ids_of_nothing),
        ),
        scopes="evidence",
    ),
    Noun(
        "gateway",
        "API clients",
        (
            Attempt("POST /v1/api-clients (which reads what is public)", body=CLIENT),
            Attempt("POST /v1/api-clients (which writes)", body={**CLIENT, "scopes": ["evidence:write"]}),
            Attempt("GET /v1/api-clients"),
            Attempt("GET /v1/api-clients/{client_id}", api_client),
            Attempt("POST /v1/api-clients/{client_id}/keys", api_client, {}),
            Attempt("POST /v1/api-clients/{client_id}/keys/{key_id}/revoke", api_client),
            Attempt("POST /v1/api-clients/{client_id}/revoke", api_client),
        ),
        scopes="evidence",
        owner=DEVELOPER,
    ),
    Noun(
        "gateway",
        "signing in",
        (
            Attempt("GET /sign-in"),
            Attempt("POST /sign-in", content=b"email=jo%40example.org", headers=FORM),
            Attempt("GET /sign-in/check-your-email"),
            Attempt("GET /sign-in/organisation"),
            Attempt("GET /sign-in/callback"),
            Attempt("GET /demo/outbox"),
            Attempt("POST /demo/sign-in", content=b"persona=carer", headers=FORM),
        ),
        scopes="evidence",
    ),
    Noun(
        "gateway",
        "sessions",
        (
            Attempt("GET /sessions"),
            Attempt("POST /sessions/{session_id}/end", session),
            Attempt("POST /sessions/sign-out-everywhere"),
            Attempt("GET /v1/sessions"),
            Attempt("GET /v1/sessions/{session_id}", session),
            Attempt("DELETE /v1/sessions/{session_id}", session),
            Attempt("POST /v1/session/sign-out-everywhere"),
        ),
        scopes="evidence",
        owner=DEVELOPER,
    ),
    Noun(
        "gateway",
        "roles",
        (
            Attempt("GET /v1/roles"),
            Attempt("GET /v1/people/{person_id}/roles", somebody),
            Attempt("PUT /v1/people/{person_id}/roles", somebody, {"roles": ["approver"]}),
        ),
        scopes="evidence",
    ),
)
