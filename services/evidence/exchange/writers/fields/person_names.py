"""The parts of a person's name, which the library holds as one line with the family name first.

Records of many databases put a suffix in three places: `Okoro, Jr., Ada` (BibTeX), `Okoro, Ada, Jr.` (RIS, CSL) and
`Okoro, Ada Jr` (MEDLINE). Organisations have commas in their names too; those stay in one piece.
"""

import re
from functools import lru_cache
from typing import NamedTuple

_SUFFIX = re.compile(r"(?:[JS]n?r|I{2,3}|IV|2nd|3rd|4th|Esq)\.?", re.IGNORECASE)
_COMPANY_FORM = re.compile(r"(?:Ltd|Limited|Inc|Incorporated|LLC|LLP|PLC|CIC|CIO|GmbH)\.?", re.IGNORECASE)
_OF_ORGANISATION = re.compile(r"\b(?:of|for)\b")
"""Words of an organisation's name, in lower case, that no family name has."""


class NameParts(NamedTuple):
    """A person's name. `family` has its particles: `van der Berg`; `suffix` may be empty."""

    family: str
    given_names: str
    suffix: str = ""

    @property
    def inverted(self) -> str:
        """The name as RIS, EndNote and others write it: `Okoro, Ada, Jr.`."""
        return ", ".join(filter(None, self))

    @property
    def direct(self) -> str:
        """The name as it is spoken: `Ada Okoro, Jr.`."""
        return f"{self.given_names} {self.family}" + (f", {self.suffix}" if self.suffix else "")


@lru_cache(maxsize=10_000)
def split_name(name: str) -> NameParts | None:
    """Split a line such as `Okoro, Ada B.`; None for a name in one piece, or of an organisation."""
    parts = [part.strip() for part in name.split(",")]
    match parts:
        case [family, suffix, given_names] if _SUFFIX.fullmatch(suffix):
            return _checked(NameParts(family, given_names, suffix))
        case [family, given_names, suffix] if _SUFFIX.fullmatch(suffix):
            return _checked(NameParts(family, given_names, suffix))
        case [family, given_names]:
            return _checked(_separate_suffix(family, given_names))
        case _:
            return None


def _separate_suffix(family: str, given_names: str) -> NameParts:
    """Return the parts of a name whose suffix ends one of them: `Okoro, Ada Jr` or `Okoro III, Ada`."""
    before, _, last = given_names.rpartition(" ")
    if before and _SUFFIX.fullmatch(last):
        return NameParts(family, before, last)
    before, _, last = family.rpartition(" ")
    return (
        NameParts(before, given_names, last) if before and _SUFFIX.fullmatch(last) else NameParts(family, given_names)
    )


def _checked(name: NameParts) -> NameParts | None:
    is_person = not (_COMPANY_FORM.fullmatch(name.given_names) or _OF_ORGANISATION.search(name.family))
    return name if is_person and name.family and name.given_names else None
