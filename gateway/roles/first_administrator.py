"""The first administrator, whom nobody can make one by the API: the `impact` command does, with the database's keys."""

from pydantic import SecretStr

from gateway.identity.addresses import normalise
from gateway.identity.commands import find_or_create_subject, rekey_person, upsert_person_of_address
from gateway.identity.link_requests import AddressKeys
from gateway.identity.tables import Person
from gateway.roles.commands import make_administrator
from gateway.roles.queries import lock_roles
from shared.persistence.database import Database
from shared.persistence.unit_of_work import UnitOfWork
from shared.settings import EnvironmentSettings


class _Settings(EnvironmentSettings):
    address_key: SecretStr | None = None
    former_address_key: SecretStr | None = None
    oidc_issuer: str | None = None
    oidc_gives_roles: bool = True


async def add_administrator(database_url: str, *, address: str | None = None, subject: str | None = None) -> bool:
    """Make whoever reads the mail of this address, or is this subject of the identity provider, an administrator.

    They need not have signed in yet. Returns whether they were none. Raises NotAnAddress, RolesGivenByIssuer, or
    LookupError where the provider or the key of addresses is not set.
    """
    settings = _Settings.from_environment()
    database = Database(database_url, "gateway", pool=1)
    try:
        async with database.transaction() as uow:
            await lock_roles(uow.session)
            person = await _find_or_create(uow, settings, address, subject)
            return await make_administrator(uow, person, issuer_gives_roles=settings.oidc_gives_roles)
    finally:
        await database.close()


async def _find_or_create(uow: UnitOfWork, settings: _Settings, address: str | None, subject: str | None) -> Person:
    if address is not None:
        if settings.address_key is None:
            raise LookupError("ADDRESS_KEY is missing: set it, or SECRETS_DIR, to what the gateway has.")
        keys, address = AddressKeys(settings.address_key, settings.former_address_key or None), normalise(address)
        await rekey_person(uow.session, keys.digest(address), keys.former_digest(address))
        return await upsert_person_of_address(uow, keys.digest(address))
    if subject is None or settings.oidc_issuer is None:
        raise LookupError("There is no identity provider here: OIDC_ISSUER is not set.")
    return await find_or_create_subject(uow, settings.oidc_issuer.rstrip("/"), subject)
