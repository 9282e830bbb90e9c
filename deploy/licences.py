"""Print what production installs and under which licences. Exits with 1 where GPL or AGPL is the only choice.

A wheel's licence says nothing of the libraries inside it. Those come from the wheel's own bill of materials
(CycloneDX, PEP 770); a wheel with compiled modules and no bill must stand in `REVIEWED`.
"""

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NamedTuple

COPYLEFT = re.compile(r"(?<!L)GPL|GNU (Affero )?General Public", re.IGNORECASE)

REVIEWED = {
    "aiohttp": "llhttp: MIT",
    "aiokafka": "CRC-32C tables: Zlib",
    "asyncpg": "no library",
    "cffi": "libffi: MIT",
    "charset-normalizer": "no library",
    "cryptography": "OpenSSL 3: Apache-2.0",
    "frozenlist": "no library",
    "greenlet": "no library",
    "httptools": "llhttp: MIT",
    "lxml": "libxml2 and libxslt: MIT; zlib: Zlib; libiconv: LGPL-2.1-or-later",
    "lz4": "LZ4: BSD-2-Clause",
    "markupsafe": "no library",
    "multidict": "no library",
    "propcache": "no library",
    "protobuf": "upb and utf8_range: BSD-3-Clause and MIT",
    "psutil": "no library",
    "pyyaml": "libyaml: MIT",
    "rapidfuzz": "rapidfuzz-cpp and Taskflow: MIT",
    "sqlalchemy": "no library",
    "uvloop": "libuv: MIT",
    "yarl": "no library",
}
"""Libraries inside wheels that have compiled modules and no complete bill of materials, and their licences.

That llhttp, libiconv, libuv and libyaml are inside was seen in the compiled modules. The other entries, and the
licences, are what these projects are known for; they were not yet compared with the sources of the pinned versions.
"""


class Licence(NamedTuple):
    """The licence of a distribution or of a library inside its wheel: an SPDX expression, or what its metadata says."""

    component: str
    version: str
    expression: str


class Unreviewed(Exception):
    """A wheel holds compiled code and does not say which libraries are in it."""


def main(lock: Path) -> int:
    """Print one line a component. Returns the exit code."""
    refused = 0
    for name in locked_names(lock.read_text("utf-8")):
        try:
            licences = list(licences_of(distribution(name)))
        except PackageNotFoundError:
            continue  # for another system or another Python
        except Unreviewed as error:
            print(f"REFUSED   {error}")
            refused += 1
            continue
        for licence in licences:
            allowed = is_allowed(licence.expression)
            refused += not allowed
            print(f"{'' if allowed else 'REFUSED':9} {licence.component:45} {licence.version:16} {licence.expression}")
    print(f"{refused} refused: replace them." if refused else "None is under GPL or AGPL alone.")
    return 1 if refused else 0


def locked_names(lock: str) -> list[str]:
    """Return the names of the distributions of a requirements file."""
    return re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE)


def licences_of(installed: Distribution) -> Iterator[Licence]:
    """Return the licence of a distribution, then those of the libraries in its wheel. Raises Unreviewed."""
    metadata: Any = installed.metadata
    name = str(metadata["Name"])
    yield Licence(name, installed.version, _declared(metadata))
    files = [str(file) for file in installed.files or ()]
    bills = [file for file in files if "/sboms/" in file and file.endswith(".json")]
    for bill in bills:
        yield from components_of(name, json.loads(Path(str(installed.locate_file(bill))).read_text("utf-8")))
    compiled = any(re.search(r"\.(so|pyd|dylib|dll)(\.|$)", file) for file in files)
    reviewed = REVIEWED.get(name.lower().replace("_", "-"))
    if reviewed is not None:
        yield Licence(f"{name}: libraries inside", "", reviewed)
    elif compiled and not bills:
        raise Unreviewed(
            f"{name} has compiled modules and no bill of materials: see what is inside, add it to REVIEWED"
        )


def components_of(name: str, bill: dict[str, Any]) -> Iterator[Licence]:
    """Return the licences of the components that a CycloneDX bill names; one without a licence must be reviewed."""
    for component in bill.get("components", ()):
        choices = component.get("licenses") or ()
        texts = [choice.get("expression") or _of_license(choice.get("license", {})) for choice in choices]
        if not texts and name.lower() not in REVIEWED:
            raise Unreviewed(f"{name} has {component.get('name')} inside, without a licence: add it to REVIEWED")
        if texts:
            yield Licence(f"{name}: {component.get('name')}", str(component.get("version", "")), " AND ".join(texts))


def is_allowed(expression: str) -> bool:
    """Say whether an SPDX expression can be met without GPL and AGPL. LGPL libraries may be linked."""
    terms = re.findall(r"[()]|\bAND\b|\bOR\b|(?:(?!\bAND\b|\bOR\b)[^()])+", expression)
    return _any_of([token.strip() for token in terms if token.strip()])


def _any_of(terms: list[str]) -> bool:
    allowed = _all_of(terms)
    while terms and terms[0] == "OR":
        terms.pop(0)
        allowed = _all_of(terms) or allowed
    return allowed


def _all_of(terms: list[str]) -> bool:
    allowed = _term(terms)
    while terms and terms[0] == "AND":
        terms.pop(0)
        allowed = _term(terms) and allowed
    return allowed


def _term(terms: list[str]) -> bool:
    term = terms.pop(0)
    if term != "(":
        return not COPYLEFT.search(term)
    allowed = _any_of(terms)
    terms.pop(0)
    return allowed


def _of_license(license: dict[str, str]) -> str:
    return license.get("id") or license.get("name") or "not said"


def _declared(metadata: Any) -> str:
    classifiers = [line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier") or () if "License ::" in line]
    first_line = (metadata.get("License") or "").split("\n")[0].strip()
    return metadata.get("License-Expression") or first_line or " OR ".join(classifiers) or "not said"


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
