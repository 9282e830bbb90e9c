"""Bearer tokens and one-time links of the demo's personas; refused where a real identity provider is set."""

import functools
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.engines.setup_error import SetupError
from deploy.supervision import fork, run_state
from gateway.identity import sessions
from gateway.identity.personas import BY_KEY

PERSONAS = tuple(BY_KEY)
NO_PERSONAS_MESSAGE = "There are no personas here: set DEMO=true, and unset OIDC_ISSUER, to have them."


async def token(persona: str) -> str:
    """Return a bearer token of that persona, for curl."""
    _require_persona(persona)
    _use_demo_settings()
    return await sessions.issue_session(run_state.setting("GATEWAY_DATABASE_URL"), persona)


async def fresh_links(*selected: str) -> dict[str, str]:
    """Return a new one-time link for each of these personas of the running platform, or for all."""
    for persona in selected:
        _require_persona(persona)
    _use_demo_settings()
    url, public_url = run_state.setting("GATEWAY_DATABASE_URL"), run_state.setting("PUBLIC_URL")
    return await _links(url, public_url, selected or PERSONAS)


def first_links(env: Mapping[str, str], log: Path) -> dict[str, str]:
    """Return a link for each persona, created in a child process; empty where this is no demo."""
    if not _is_demo(env):
        return {}
    work = functools.partial(_links, env["GATEWAY_DATABASE_URL"], env["PUBLIC_URL"], PERSONAS)
    return fork.ChildTask("Creating the one-time links", work, env=env, log=log).result()


async def _links(url: str, public_url: str, selected: Sequence[str]) -> dict[str, str]:
    return {persona: await sessions.issue_link(url, persona, public_url) for persona in selected}


def _require_persona(persona: str) -> None:
    if persona not in PERSONAS:
        raise SetupError(f"There is no persona {persona}: choose one of {', '.join(PERSONAS)}.")


def _use_demo_settings() -> None:
    """Put the running platform's settings into the environment, where the gateway's code reads whether it is a demo."""
    run_state.setting("GATEWAY_DATABASE_URL")
    env = run_state.environment()
    if not _is_demo(env):
        raise SetupError(NO_PERSONAS_MESSAGE)
    os.environ.update(env)


def has_library(env: Mapping[str, str]) -> bool:
    """Return whether the demo library belongs here: in a demo, unless that is to be empty."""
    return _is_demo(env) and env.get("DEMO_LIBRARY") != "empty"


def _is_demo(env: Mapping[str, str]) -> bool:
    return env.get("DEMO", "").lower() in ("1", "true", "yes", "on") and not env.get("OIDC_ISSUER")
