"""Print what production installs and under which licences. Exits with 1 where GPL or AGPL is the only choice.

A wheel's licence does not cover the libraries inside it. Theirs come from the wheel's own bill of materials
(CycloneDX, PEP 770); a wheel with compiled modules and no bill must stand in `REVIEWED`.
"""

import json
import re
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, PackageMetadata, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NamedTuple

COPYLEFT = re.compile(r"(?<!L)GPL|GNU (Affero )?General Public", re.IGNORECASE)

REVIEWED = {
    # The source distribution has these: by their licence files, and the headers of the files that are compiled.
    "aiohttp": "llhttp: MIT",
    "aiokafka": "CRC-32C by Mark Adler: Zlib; its header by librdkafka: BSD-2-Clause",
    "asyncpg": "records after CPython's tuples: PSF-2.0; pythoncapi-compat: 0BSD",
    "greenlet": "stack switching of Stackless Python: PSF-2.0",
    "httptools": "llhttp and http-parser: MIT",
    "lz4": "LZ4 and xxHash: BSD-2-Clause",
    "multidict": "pythoncapi-compat: 0BSD",
    "orjson": "yyjson: MIT",
    "protobuf": "upb: BSD-3-Clause; utf8_range: MIT",
    "rapidfuzz": "rapidfuzz-cpp and Taskflow: MIT; CPython's Unicode tables: PSF-2.0",
    "uvloop": "libuv: MIT; in it a tree of FreeBSD: BSD-2-Clause, addresses of ISC: ISC",
    # The wheel alone has these: seen in the compiled module; the licence by the source of the library.
    "cffi": "libffi: MIT; closures of CPython's ctypes: PSF-2.0",
    "cryptography": "OpenSSL 4.0: Apache-2.0",
    "pyyaml": "libyaml 0.2: MIT",
    # Seen in the compiled module; the licences by the licence file in the wheel.
    "lxml": "libxml2 and libxslt: MIT; zlib: Zlib; libiconv: LGPL-2.1",
    # Only the project's own C, or what Cython makes of its own code, by the source distribution.
    "charset-normalizer": "no library",
    "frozenlist": "no library",
    "markupsafe": "no library",
    "propcache": "no library",
    "psutil": "no library",
    "sqlalchemy": "no library",
    "yarl": "no library",
}
"""Libraries inside wheels that have compiled modules and no complete bill of materials, and their licences.

A new version may bring another library: compare again when the lock changes. The bills of wheels written in Rust agree
with the Cargo.lock of their source distributions, less optional crates and those of other systems; orjson's leaves out
yyjson, which is no crate.
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
    name = installed.name
    yield Licence(name, installed.version, _declared(installed.metadata))
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
    """Return whether an SPDX expression can be met without GPL and AGPL. LGPL libraries may be linked."""
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
    return license.get("id") or license.get("name") or "not stated"


def _declared(metadata: PackageMetadata) -> str:
    expression: str = metadata.get_all("License-Expression", [""])[0]
    first_line: str = metadata.get_all("License", [""])[0].split("\n")[0].strip()
    classifiers = [line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier", []) if "License ::" in line]
    return expression or first_line or " OR ".join(classifiers) or "not stated"


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
