"""Who one can be in the demo: bearer tokens and one-time links, never where a real identity provider is set."""

import functools
import os
from collections.abc import Mapping
from pathlib import Path

from deploy.engines.setup_error import SetupError
from deploy.supervision import fork, run_state
from gateway.identity import sessions
from gateway.identity.personas import BY_KEY

PERSONAS = tuple(BY_KEY)
NO_PERSONAS = "There are no personas here: DEMO is not true, or a real identity provider signs people in."


async def token(persona: str) -> str:
    """A bearer token of that persona for curl."""
    if persona not in PERSONAS:
        raise SetupError(f"Nobody here is called {persona}: choose one of {', '.join(PERSONAS)}.")
    _enter_the_demo()
    return await sessions.issue_session(run_state.setting("GATEWAY_DATABASE_URL"), persona)


async def fresh_links() -> dict[str, str]:
    """New links into the running platform, since each works once."""
    _enter_the_demo()
    return await _links(run_state.setting("GATEWAY_DATABASE_URL"), run_state.setting("PUBLIC_URL"))


def first_links(env: Mapping[str, str], log: Path) -> dict[str, str]:
    """A link for each persona, worked out in a child; none where this is no demo."""
    if not _is_demo(env):
        return {}
    work = functools.partial(_links, env["GATEWAY_DATABASE_URL"], env["PUBLIC_URL"])
    return fork.Errand("Making the one-time links", work, env=env, log=log).result()


async def _links(url: str, public_url: str) -> dict[str, str]:
    return {persona: await sessions.issue_link(url, persona, public_url) for persona in PERSONAS}


def _enter_the_demo() -> None:
    """The gateway decides by its settings whether there are personas: give it those of the running platform."""
    run_state.setting("GATEWAY_DATABASE_URL")
    env = run_state.environment()
    if not _is_demo(env):
        raise SetupError(NO_PERSONAS)
    os.environ.update(env)


def _is_demo(env: Mapping[str, str]) -> bool:
    return env.get("DEMO", "").lower() in ("1", "true", "yes", "on") and not env.get("OIDC_ISSUER")
