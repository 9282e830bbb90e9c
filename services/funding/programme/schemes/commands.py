"""Changes of schemes. The programme's row is locked before a scheme's."""

from uuid import UUID

from services.funding.ledger.ledger import commands as ledger
from services.funding.programme.programme.queries import lock_programme
from services.funding.programme.schemes import queries, rules
from services.funding.programme.schemes.tables import Scheme
from services.funding.programme.schemes.views import NewScheme, SchemeChange
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork


async def create_scheme(uow: UnitOfWork, new: NewScheme) -> Scheme:
    """Create a scheme with its accounts, and allocate its cap. Raises SchemeCodeTaken, ProgrammeExhausted."""
    programme = await lock_programme(uow.session)
    if await queries.find_scheme_id_by_code(uow.session, new.code):
        raise rules.SchemeCodeTaken
    scheme = Scheme(
        programme_id=programme.id,
        code=new.code,
        name=new.name,
        purpose=new.purpose,
        cap_pence=0,
        promise_working_days=new.promise_working_days,
    )
    uow.save(scheme)
    postings = rules.set_cap(programme, scheme, new.cap.pence)
    ledger.open_accounts(uow, rules.accounts(scheme), new.name)
    await ledger.post(uow, *postings)
    return scheme


async def update_scheme(uow: UnitOfWork, scheme_id: UUID, change: SchemeChange, match: Match) -> Scheme:
    """Change a scheme. Raises SchemeNotFound, ProgrammeExhausted, CapBelowCommitments."""
    programme = await lock_programme(uow.session)
    scheme = await queries.lock_scheme(uow.session, scheme_id)
    match.check(scheme)
    scheme.name = change.name or scheme.name
    scheme.purpose = change.purpose or scheme.purpose
    scheme.promise_working_days = change.promise_working_days or scheme.promise_working_days
    if change.cap is not None:
        await ledger.post(uow, *rules.set_cap(programme, scheme, change.cap.pence))
    return scheme
