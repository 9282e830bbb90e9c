"""The first administrator of an installation. The address is asked for, so that it is in no history of commands."""

import os

from deploy.engines.setup_error import SetupError
from deploy.supervision import run_state
from gateway.identity.addresses import NotAnAddress
from gateway.roles.first_administrator import add_administrator
from gateway.roles.rules import RolesGivenByIssuer


async def add(*, address: str | None, subject: str | None) -> str:
    """Make them an administrator, whether or not they have signed in yet. Returns what to say."""
    url = run_state.setting("GATEWAY_DATABASE_URL")
    os.environ.update(run_state.environment())
    try:
        is_new = await add_administrator(url, address=address, subject=subject)
    except NotAnAddress as error:
        raise SetupError("This is no e-mail address: write it as in name@example.org.") from error
    except (RolesGivenByIssuer, LookupError) as error:
        raise SetupError(f"Nothing was changed. {error}") from error
    if not is_new:
        return "They are an administrator already: nothing was changed."
    return "They are an administrator from their next request on. They give others their roles (/v1/people/{id}/roles)."
