"""Changes of a person's access needs."""

from services.engagement.directory.access_needs import queries
from services.engagement.directory.access_needs.cipher import AccessNeedsCipher
from services.engagement.directory.people.tables import Person
from shared.callers import Caller
from shared.http.etags import Match, combined
from shared.persistence.unit_of_work import UnitOfWork


async def update_access_needs(
    uow: UnitOfWork, needs: list[str], caller: Caller, match: Match, cipher: AccessNeedsCipher
) -> Person:
    """Save the caller's access needs, and return their row. Raises PreconditionRequired, PreconditionFailed.

    Their version is 0 until they are saved for the first time.
    """
    person = await queries.find_person(uow.session, caller.id, lock=True)
    match.check(person or combined())
    ciphertext = cipher.encrypt(needs, caller.id)
    if person is None:
        person = Person(id=caller.id, access_needs=ciphertext)
        uow.save(person)
    person.access_needs = ciphertext
    return person
