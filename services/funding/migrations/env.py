"""Migrations of the funding service."""

from services.funding.ledger.ledger import tables as ledger
from services.funding.participation.claims import tables as claims
from services.funding.participation.entitlements import tables as entitlements
from services.funding.payees.payees import tables as payees
from services.funding.payments.bank_messages import tables as bank_messages
from services.funding.payments.runs import tables as runs
from services.funding.programme.programme import tables as programme
from services.funding.programme.rates import tables as rates
from services.funding.programme.reservations import tables as reservations
from services.funding.programme.schemes import tables as schemes
from services.funding.tables import Row
from shared.persistence.migrations import environment

TABLES = (bank_messages, claims, entitlements, ledger, payees, programme, rates, reservations, runs, schemes)
environment.run(Row.metadata)
