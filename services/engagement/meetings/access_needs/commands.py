"""Save a person's access needs. Their registrations follow, so that whoever prepares a meeting reads what is so now."""

from services.engagement.directory.access_needs.cipher import AccessNeedsCipher
from services.engagement.directory.access_needs.queries import find_person, lock_access_needs
from services.engagement.directory.people.tables import Person
from services.engagement.meetings.assemblies.rules import has_ended
from services.engagement.meetings.registrations.queries import lock_following_registrations
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match, combined
from shared.persistence.unit_of_work import UnitOfWork


async def update_access_needs(
    uow: UnitOfWork, needs: list[str], caller: Caller, match: Match, cipher: AccessNeedsCipher
) -> Person:
    """Save the caller's access needs, also in registrations that follow them. Returns their row.

    Their version is 0 until they are saved for the first time. Raises PreconditionRequired, PreconditionFailed.
    """
    await lock_access_needs(uow.session, caller.id)
    person = await find_person(uow.session, caller.id, lock=True)
    match.check(person or combined())
    ciphertext = cipher.encrypt(needs, caller.id)
    if person is None:
        person = Person(id=caller.id, access_needs=ciphertext)
        uow.save(person)
    person.access_needs = ciphertext
    for registration, assembly in await lock_following_registrations(uow.session, caller.id, clock.today()):
        if not has_ended(assembly, clock.now()):
            registration.access_needs = cipher.encrypt(needs, registration.id)
    return person
