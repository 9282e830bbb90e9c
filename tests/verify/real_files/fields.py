"""The fields of an item, from what the API gives, as every reader should have them."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

FIELDS = (
    "title",
    "authors",
    "year",
    "container",
    "volume",
    "issue",
    "pages",
    "doi",
    "abstract",
    "keywords",
    "publisher",
    "url",
)
DEPARTMENT = "Department of Health, Social Services and Public Safety"
ODD_NAMES: dict[str, tuple[str, str, str]] = {
    "Smith, Jr., John A.": ("Smith", "John A.", "Jr."),
    "Smith, John A., Jr.": ("Smith", "John A.", "Jr."),
    "Smith, John A. III": ("Smith", "John A.", "III"),
    "Articlewriter, Laura, III": ("Articlewriter", "Laura", "III"),
    "Acme Care, Ltd.": ("Acme Care, Ltd.", "", ""),
    DEPARTMENT: (DEPARTMENT, "", ""),
}
"""Family name, given names and suffix of names whose second part is not the given names."""
Name = Sequence[str]
Record = Mapping[str, Any]


def expected_record(item: Record, public_url: str) -> dict[str, Any]:
    """Return the fields of an item by `FIELDS`; empty texts for those that it does not have."""
    research = item["way_of_knowing"] == "research"
    doi = next((name["value"] for name in item.get("identifiers", ()) if name["scheme"] == "doi"), "")
    texts = {
        "title": item["title"],
        "year": (item.get("published_on") if research else item["published_at"]) or "",
        "container": item.get("published_in"),
        "volume": item.get("volume"),
        "issue": item.get("issue"),
        "pages": dashes(item.get("pages") or ""),
        "doi": doi,
        "abstract": item["summary"],
        "publisher": item.get("publisher") if research else "IMPACT",
        "url": item.get("url") or f"{public_url}/v1/evidence/{item['id']}",
    }
    record: dict[str, Any] = {name: line(text or "") for name, text in texts.items()}
    record["year"] = record["year"][:4]
    record["keywords"] = [line(keyword) for keyword in item.get("keywords", ())]
    record["authors"] = [name_parts(name) for name in item["authors"]] if research else [credit(item)]
    return {"id": item["id"], **record}


def name_parts(name: str) -> tuple[str, str, str]:
    """Return family name, given names and suffix; a name in one piece, or in more than two, is the first of them."""
    if parts := ODD_NAMES.get(line(name)):
        return parts
    family, _, given_names = map(str.strip, line(name).partition(","))
    return (family, given_names, "") if family and given_names and "," not in given_names else (line(name), "", "")


def credit(item: Record) -> tuple[str, str, str]:
    """Return whom to credit for practice knowledge: a name, or else the role and where it is done."""
    role = item["role"][:1].upper() + item["role"][1:]
    return (item["attributed_to"] or f"{role} ({item['setting']})", "", "")


def line(text: str) -> str:
    """Return the text on one line, without control characters and what is no character."""
    return " ".join("".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cn")).split())


def dashes(pages: str) -> str:
    return re.sub(r"\s*[-\u2013]+\s*", "-", pages)


def letters(text: str) -> str:
    """Return letters, digits and what counts with them: programs that typeset change quotes, dashes and spaces."""
    return re.sub(r"[\W_]", "", text)
