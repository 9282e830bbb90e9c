"""Names of people, surname first, where their format leaves no doubt which word that is.

Organisations are written like people, so a name in free text is left as it is unless it begins with initials.
"""

import re

_INITIALS_FIRST = re.compile(r"((?:[A-Z]\.[ -]?)+) ?(\S.*)")
_BARE_INITIALS_FIRST = re.compile(r"([A-Z]{1,3}) ([A-Z][a-z]\S*(?: \S+)*)")
_INITIALS_LAST = re.compile(r"(\S.*?) ([A-Z]{1,4})\.?")
_RUN_TOGETHER = re.compile(r"(?<=[a-z])(?<!Mc)(?<!Mac)(?<!\bDe)(?<!\bLa)(?=[A-Z])")
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")


def surname_first(name: str) -> str:
    """`A. B. Okoro` is `Okoro, A. B.`; anything else is as it was."""
    if "," in name or "." not in name:
        return name
    found = _INITIALS_FIRST.fullmatch(name.strip())
    return f"{found[2]}, {found[1].strip()}" if found and "." not in found[2] else name


def of_given_first(name: str) -> str:
    """`Ada van der Okoro` is `van der Okoro, Ada`, as BibTeX reads it."""
    words = name.split()
    if "," in name or len(words) < 2:
        return " ".join(words)
    if found := _BARE_INITIALS_FIRST.fullmatch(" ".join(words)):
        return f"{found[2]}, {found[1]}"
    suffix = f", {words.pop()}" if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    begin = next((place for place, word in enumerate(words[1:-1], 1) if word[0].islower()), len(words) - 1)
    return f"{' '.join(words[begin:])}{suffix}, {' '.join(words[:begin])}"


def of_initials_last(name: str) -> str:
    """`Okoro AB` is `Okoro, AB`, as PubMed writes it."""
    found = None if "," in name else _INITIALS_LAST.fullmatch(name.strip())
    return f"{found[1]}, {found[2]}" if found else name


def apart(cell: str) -> list[str]:
    """`Andy SmithTom Weber` are two: Springer leaves out what stands between."""
    return [of_given_first(name) for name in _RUN_TOGETHER.split(cell)]
