"""Which files are read as retraction lists, and what of all that is listed of a work stands today."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import orjson

from services.evidence.library.items.retraction import Retraction
from services.evidence.library.items.rules import GRAVITY
from shared.problems import Invalid, Problem


class EmptyRetractionList(Invalid):
    pointer = "/file"
    title = "This file is empty"
    detail = "There is nothing in it. Download the list again from where it comes from, and send it once more."


class RetractionListTooLarge(Problem):
    status = 413
    title = "This file is too large"
    detail = "Send it in parts of at most 100 MB, each with the row of column names. Rows may be sent twice."


MAX_FILE_BYTES = 100 * 1024 * 1024
NOT_A_RETRACTION_LIST = (
    "This is not a list of retractions as Crossref and Retraction Watch publish it: the first row must name the "
    "columns, and RetractionNature and OriginalPaperDOI or OriginalPaperPubMedID must be among them. Save it as CSV in "
    "UTF-8."
)
ABANDONED = (
    "Reading failed {attempts} times after row {rows} and was given up. What was read until there holds. Send the file "
    "again to go on: rows may be sent twice. Tell us if it happens again."
)
Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said of a work, and the identifiers of the work."""

    names: tuple[Name, ...]
    retraction: Retraction

    @property
    def digest(self) -> str:
        """Equal for equal notices, whoever lists them."""
        said = self.retraction.model_dump(mode="json", exclude={"source"})
        return hashlib.blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def standing(notices: Iterable[Retraction]) -> Retraction | None:
    """What holds of a work, in whatever order it was listed.

    The last reinstatement lifts all that came before it. Of what is left the gravest stands, and of equals the latest:
    a correction does not hide a retraction.
    """
    known = sorted(notices, key=_when)
    lifted = next((one for one in reversed(known) if one.nature == "reinstatement"), None)
    left = [one for one in known if one.nature != "reinstatement" and (lifted is None or _when(one) > _when(lifted))]
    return max(left, key=lambda one: (GRAVITY[one.nature], _when(one)), default=lifted)


def _when(one: Retraction) -> date:
    return one.on or date.min
