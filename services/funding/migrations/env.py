"""Migrations of the funding service."""

from services.funding.claims import tables as claims
from services.funding.entitlements import tables as entitlements
from services.funding.ledger import tables as ledger
from services.funding.payees import tables as payees
from services.funding.payments import tables as payments
from services.funding.programme import tables as programme
from services.funding.rates import tables as rates
from services.funding.reservations import tables as reservations
from services.funding.tables import Row
from shared import migrations

TABLES = (claims, entitlements, ledger, payees, payments, programme, rates, reservations)
migrations.run(Row.metadata)
