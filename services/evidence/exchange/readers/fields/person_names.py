"""Names of people, surname first, if their format leaves no doubt which word is the surname.

Names of organisations look like those of people, so a name in free text stays as it is unless initials or a suffix
show what it is. What a whole file shows of the names in it is in `name_order`.
"""

import re

_INITIALS_FIRST = re.compile(r"((?:[A-Z]\.[ -]?)+) ?(\S.*)")
_BARE_INITIALS_FIRST = re.compile(r"([A-Z]{1,3}) ([A-Z][a-z]\S*(?: \S+)*)")
_INITIALS_LAST = re.compile(r"(\S.*?) ([A-Z]{1,4})\.?")
_DOTTED_INITIALS_LAST = re.compile(r"(\S.*?[^\W\d_]{2}\S*) ((?:[A-Z][a-z]?\.[ -]?){1,5})", re.DOTALL)
_ABBREVIATED_COUNTRIES = frozenset({"U.K.", "U.S.", "U.S.A.", "E.U.", "U.N."})
_RUN_TOGETHER = re.compile(r"(?<=[a-z])(?<!Mc)(?<!Mac)(?<!\bDe)(?<!\bLa)(?=[A-Z])")
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV|2nd|3rd")
_MAY_HAVE_SUFFIX = re.compile(r"[ ,](?:[JS]r\b|II|IV|2nd|3rd)")
_SURNAME_AND_GIVEN, _WITH_SUFFIX = 2, 3


def are_normal(names: list[str]) -> bool:
    """Return whether `normalize` would change none of these, as of nearly all records; this is cheap to see."""
    for name in names:
        if ", " not in name:
            return False
    text = "\n".join(names)
    if ",," in text or ",\n" in text or text.endswith(","):
        return False
    return not ("Jr" in text or "Sr" in text or "II" in text or "IV" in text or "2nd" in text or "3rd" in text)


def normalize(name: str) -> str:
    """Return `Okoro, A. B.` for `Okoro A. B.`, and `Okoro, Ada, Jr.` wherever the suffix stands; others as they are.

    Commas by which EndNote marks names of organisations are left out: `Age UK,` and `Department of Health,, Wales`.
    """
    if "," not in name:
        if "." in name and (match := _DOTTED_INITIALS_LAST.fullmatch(name)) and is_surname(match[1], match[2]):
            return f"{match[1]}, {match[2]}"
        if not _MAY_HAVE_SUFFIX.search(name):
            return name
    elif ", " not in name or ",," in name or name.endswith(","):
        name = ", ".join(filter(None, map(str.strip, name.split(","))))
    return _suffix_last(name) if _MAY_HAVE_SUFFIX.search(name) else name


def is_surname(surname: str, initials: str) -> bool:
    """Return whether these initials belong to a person rather than to an organisation of a country."""
    return initials not in _ABBREVIATED_COUNTRIES and not _INITIALS_FIRST.match(surname)


def _suffix_last(name: str) -> str:
    parts = [part.strip() for part in name.split(",")]
    if len(parts) == 1:
        return _whole_name_with_suffix(name)
    if len(parts) == _WITH_SUFFIX and _SUFFIX.fullmatch(parts[1]):
        return f"{parts[0]}, {parts[2]}, {parts[1]}"
    if len(parts) != _SURNAME_AND_GIVEN:
        return name
    if _SUFFIX.fullmatch(parts[1]) and " " in parts[0] and parts[1][0] in "JS":
        return f"{invert_given_first(parts[0])}, {parts[1]}"
    for index in (0, 1):
        before, _, suffix = parts[index].rpartition(" ")
        if before and _SUFFIX.fullmatch(suffix):
            parts[index] = before
            return ", ".join((*parts, suffix))
    return name


def _whole_name_with_suffix(name: str) -> str:
    *words, suffix = name.split()
    if len(words) < _SURNAME_AND_GIVEN or not _SUFFIX.fullmatch(suffix):
        return name
    whole = separate_initials_last(" ".join(words))
    return f"{whole if ',' in whole else invert_given_first(whole)}, {suffix}"


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
    return f"{' '.join(parts[begin:])}, {' '.join(parts[:begin])}{suffix}"


def separate_initials_last(name: str) -> str:
    """Return `Okoro, AB` for `Okoro AB`, as PubMed writes it."""
    match = None if "," in name else _INITIALS_LAST.fullmatch(name.strip())
    return f"{match[1]}, {match[2]}" if match else name


def split_run_together(cell: str) -> list[str]:
    """Return both names of `Andy SmithTom Weber`: Springer leaves out the separator."""
    return [invert_given_first(name) for name in _RUN_TOGETHER.split(cell)]
