"""How each field that a reader found is compared with what the API says."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.verify.real_files.fields import FIELDS, dashes, letters, line

Comparison = Callable[[Any, Any], bool]
MAX_CELL_UNITS = 32_767
"""Of UTF-16, in a cell of a spreadsheet."""


def same(read: Any, expected: Any) -> bool:
    return line(read) == expected if isinstance(expected, str) else [*map(line, read)] == expected


def same_names(read: Any, expected: Any) -> bool:
    return [tuple(map(line, name)) for name in read] == expected


def one_text_each(read: Any, expected: Any) -> bool:
    """Formats with one text for a name write family name, given names and suffix between commas, empty ones too."""
    return [line(name) for name in read] == [
        ", ".join(filter(None, name)) if name[1] else name[0].replace(",", ",,", 1) for name in expected
    ]


def same_names_or_undivided(read: Any, expected: Any) -> bool:
    """What follows the first comma of a name in one piece may be its suffix; given names it has none."""
    return len(read) == len(expected) and all(
        name == [*parts]
        or (not name[1] and not parts[1] and line(", ".join(filter(None, name))).replace(",,", ",", 1) == parts[0])
        for name, parts in zip(read, expected, strict=True)
    )


def suffix_without_comma(read: Any, expected: Any) -> bool:
    """MEDLINE writes `Okoro, Ada Jr`."""
    return [line(name) for name in read] == [
        " ".join(filter(None, (", ".join(filter(None, name[:2])), name[2]))) for name in expected
    ]


def split_at_semicolons(read: Any, expected: Any) -> bool:
    """Keywords of which one has a comma stand between semicolons, where a semicolon of their own separates too."""
    if ";" not in "".join(expected):
        return same(read, expected)
    return re.sub(r"[;\s]", "", "".join(read)) == re.sub(r"[;\s]", "", "".join(expected))


def joined_at_commas(read: Any, expected: Any) -> bool:
    return line("".join(read)) == ",".join(expected)


def same_or_left_out(read: Any, expected: Any) -> bool:
    """Some readers know a field of some types of works alone."""
    return not read or same(read, expected)


def same_pages(read: Any, expected: Any) -> bool:
    return dashes(line(read)) == expected


def same_letters(read: Any, expected: Any) -> bool:
    return letters(read) == letters(expected)


def same_letters_or_left_out(read: Any, expected: Any) -> bool:
    return not read or same_letters(read, expected)


def pages_written_out(read: Any, expected: Any) -> bool:
    """Bibutils write `288-94` as `288-294`."""
    (first, _, last), (start, _, end) = read.partition("-"), expected.partition("-")
    return same_letters(read, expected) or (same_letters(first, start) and letters(last).endswith(letters(end)))


def pages_written_out_or_left_out(read: Any, expected: Any) -> bool:
    return not read or pages_written_out(read, expected)


def same_letters_in_names(read: Any, expected: Any) -> bool:
    return [[letters(part) for part in name] for name in read] == [
        [letters(part) for part in name] for name in expected
    ]


def has_letters_of_names(read: Any, expected: Any) -> bool:
    """Bibutils separate initials, take a name in one piece for two parts, and editors of some types for authors."""
    names = [sorted(letters("".join(name))) for name in read]
    return all(sorted(letters("".join(name))) in names for name in expected)


def same_letters_of_names_without_suffix(read: Any, expected: Any) -> bool:
    """A name is read once where two differ in their suffix alone."""
    names = [letters("".join(name[:2])) for name in expected]
    return [letters("".join(name)) for name in read] == list(dict.fromkeys(names))


def all_but_parts_of_others(read: Any, expected: Any) -> bool:
    """Bibutils leave out a keyword whose letters are within another's."""
    read_letters, stated = [letters(keyword) for keyword in read], [letters(keyword) for keyword in expected]
    whole = "\n".join(stated).casefold()
    wholes = [keyword for keyword in stated if keyword in read_letters or whole.count(keyword.casefold()) == 1]
    return read_letters == wholes


def same_letters_in_list(read: Any, expected: Any) -> bool:
    return letters("".join(read)) == letters("".join(expected))


def same_agents(read: Any, expected: Any) -> bool:
    """JSON-LD says of a name in one piece what it names, in the place of given names."""
    return len(read) == len(expected) and all(
        name == [*parts] or (name[0] == parts[0] and not parts[1]) for name, parts in zip(read, expected, strict=True)
    )


def same_cell(read: Any, expected: Any) -> bool:
    """A cell of CSV that a spreadsheet would compute begins with an apostrophe."""
    return line(read) in (expected, f"'{expected}")


def same_cell_of_pages(read: Any, expected: Any) -> bool:
    return same_cell(dashes(line(read)), expected)


def same_cell_of_list(read: Any, expected: Any) -> bool:
    return same_cell(line(read).replace(" ;", ";"), "; ".join(expected))


def same_cell_of_names(read: Any, expected: Any) -> bool:
    """Tables hold the names as the API has them, so the order of a suffix and given names is open."""
    return sorted(re.findall(r"[^,;\s]+", line(read).removeprefix("'"))) == sorted(
        re.findall(r"[^,;\s]+", "; ".join(", ".join(name) for name in expected))
    )


def same_or_cut(read: Any, expected: Any) -> bool:
    text = line(read)
    if len(expected.encode("utf-16-le")) <= 2 * MAX_CELL_UNITS:
        return text == expected
    return text.endswith("\u2026") and expected.startswith(text[:-1]) and len(text) > MAX_CELL_UNITS // 3


EXACT: Mapping[str, Comparison] = dict.fromkeys(FIELDS, same) | {"authors": same_names, "pages": same_pages}
TABLE = EXACT | {"authors": same_cell_of_names, "keywords": same_cell_of_list}
COMPARISONS: Mapping[str, Mapping[str, Comparison]] = {
    "pybtex": EXACT | {"keywords": split_at_semicolons},
    "bibtexparser": EXACT | {"keywords": split_at_semicolons},
    "rispy": EXACT | {"authors": one_text_each},
    "citation-js of RIS": EXACT
    | {
        "authors": same_names_or_undivided,
        "issue": same_or_left_out,
        "keywords": joined_at_commas,
        "publisher": same_or_left_out,
    },
    "citation-js of EndNote": EXACT
    | {"authors": has_letters_of_names, "container": same_or_left_out, "publisher": same_or_left_out},
    # A style of citations typesets quotes and dashes.
    "citeproc-js": dict.fromkeys(FIELDS, same_letters)
    | {"authors": same_letters_in_names, "keywords": same_letters_in_list},
    "end2xml": dict.fromkeys(FIELDS, same_letters)
    | {
        "authors": has_letters_of_names,
        # It takes %B of some types alone, and makes an identifier of another kind of some addresses.
        "container": same_letters_or_left_out,
        "keywords": all_but_parts_of_others,
        # Those of a whole book are its length.
        "pages": pages_written_out_or_left_out,
        "url": same_letters_or_left_out,
    },
    "med2xml": dict.fromkeys(FIELDS, same_letters)
    | {"authors": same_letters_of_names_without_suffix, "pages": pages_written_out},
    "biopython of PubMed's XML": EXACT,
    "csv": dict.fromkeys(FIELDS, same_cell)
    | {
        "authors": same_cell_of_names,
        "keywords": same_cell_of_list,
        "pages": same_cell_of_pages,
    },
    "openpyxl": TABLE | {"abstract": same_or_cut},
    "elifetools": EXACT,
    "pyld": EXACT | {"authors": same_agents},
    "biopython": EXACT | {"authors": suffix_without_comma},
}
"""How a field is compared, where a format cannot hold it as the API does."""
NOT_READ: Mapping[str, Mapping[str, str]] = {
    "citation-js of EndNote": {"year": "it takes the day and month of %8 for the whole date"},
    "end2xml": {"doi": "it does not know %R"},
    "med2xml": {
        "keywords": "it does not know KeywordList",
        "publisher": "PubMed's XML has none for an article",
        "url": "PubMed's XML has none",
    },
    "biopython of PubMed's XML": {
        "publisher": "PubMed's XML has none for an article",
        "url": "PubMed's XML has none",
    },
}
"""What a reader or its format does not hold. Every other field of every record is compared."""
