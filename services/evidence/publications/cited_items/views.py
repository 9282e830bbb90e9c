"""Issues that an editor has accepted, as readers see them."""

from datetime import date

from services.evidence.publications.cited_items.rules import Reason
from shared.views import View


class AcceptedIssue(View):
    """Why a citation still holds although its item has changed, as an editor explained it."""

    reason: Reason
    because: str
    on: date
