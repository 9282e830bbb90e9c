"""Names of people, surname first, if their format leaves no doubt which word is the surname.

Names of organisations look like those of people, so a name in free text stays as it is unless it begins with initials.
"""

import re

_INITIALS_FIRST = re.compile(r"((?:[A-Z]\.[ -]?)+) ?(\S.*)")
_BARE_INITIALS_FIRST = re.compile(r"([A-Z]{1,3}) ([A-Z][a-z]\S*(?: \S+)*)")
_INITIALS_LAST = re.compile(r"(\S.*?) ([A-Z]{1,4})\.?")
_RUN_TOGETHER = re.compile(r"(?<=[a-z])(?<!Mc)(?<!Mac)(?<!\bDe)(?<!\bLa)(?=[A-Z])")
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")


def invert_initials_first(name: str) -> str:
    """Return `Okoro, A. B.` for `A. B. Okoro`; any other name as it is."""
    if "," in name or "." not in name:
        return name
    match = _INITIALS_FIRST.fullmatch(name.strip())
    return f"{match[2]}, {match[1].strip()}" if match and "." not in match[2] else name


def invert_given_first(name: str) -> str:
    """Return `van der Okoro, Ada` for `Ada van der Okoro`, by BibTeX's rules for name particles."""
    parts = name.split()
    if "," in name or len(parts) < 2:
        return " ".join(parts)
    if match := _BARE_INITIALS_FIRST.fullmatch(" ".join(parts)):
        return f"{match[2]}, {match[1]}"
    suffix = f", {parts.pop()}" if len(parts) > 2 and _SUFFIX.fullmatch(parts[-1]) else ""
    begin = next((index for index, part in enumerate(parts[1:-1], 1) if part[0].islower()), len(parts) - 1)
    return f"{' '.join(parts[begin:])}{suffix}, {' '.join(parts[:begin])}"


def separate_initials_last(name: str) -> str:
    """Return `Okoro, AB` for `Okoro AB`, as PubMed writes it."""
    match = None if "," in name else _INITIALS_LAST.fullmatch(name.strip())
    return f"{match[1]}, {match[2]}" if match else name


def split_run_together(cell: str) -> list[str]:
    """Return both names of `Andy SmithTom Weber`: Springer leaves out the separator."""
    return [invert_given_first(name) for name in _RUN_TOGETHER.split(cell)]
