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


class Review(NamedTuple):
    """The version of a wheel that was looked into, and the libraries inside with their licences."""

    version: str
    libraries: str


REVIEWED = {
    # The source distribution has these: by their licence files, and the headers of the files that are compiled.
    "aiohttp": Review("3.14.5", "llhttp: MIT"),
    "aiokafka": Review("0.14.0", "CRC-32C by Mark Adler: Zlib; its header by librdkafka: BSD-2-Clause"),
    "asyncpg": Review("0.32.0", "records after CPython's tuples: PSF-2.0; pythoncapi-compat: 0BSD"),
    "greenlet": Review("3.5.6", "stack switching of Stackless Python: PSF-2.0"),
    "httptools": Review("0.9.0", "llhttp and http-parser: MIT"),
    "lz4": Review("4.4.5", "LZ4 and xxHash: BSD-2-Clause"),
    "multidict": Review("7.2.1", "pythoncapi-compat: 0BSD"),
    "orjson": Review("3.13.0", "yyjson: MIT"),
    "protobuf": Review("7.36.2", "upb: BSD-3-Clause; utf8_range: MIT"),
    "rapidfuzz": Review("3.14.6", "rapidfuzz-cpp and Taskflow: MIT; CPython's Unicode tables: PSF-2.0"),
    "uvloop": Review("0.23.0", "libuv: MIT; in it a tree of FreeBSD: BSD-2-Clause, addresses of ISC: ISC"),
    # The wheel alone has these: seen in the compiled module; the licence by the source of the library.
    "cffi": Review("2.1.1", "libffi: MIT; closures of CPython's ctypes: PSF-2.0"),
    "cryptography": Review("50.0.2", "OpenSSL 4.0: Apache-2.0"),
    "pyyaml": Review("6.0.3", "libyaml 0.2: MIT"),
    # Seen in the compiled module; the licences by the licence file in the wheel.
    "lxml": Review("6.1.3", "libxml2 and libxslt: MIT; zlib: Zlib; libiconv: LGPL-2.1"),
    # Only the project's own C, or what Cython makes of its own code, by the source distribution.
    "charset-normalizer": Review("3.5.2", "no library"),
    "frozenlist": Review("1.8.0", "no library"),
    "markupsafe": Review("3.0.4", "no library"),
    "propcache": Review("0.5.4", "no library"),
    "psutil": Review("7.2.2", "no library"),
    "regex": Review("2026.11.19", "what was CPython's re: CNRI-Python"),
    "sqlalchemy": Review("2.1.9", "no library"),
    "wrapt": Review("2.5.2", "no library"),
    "yarl": Review("1.25.1", "no library"),
}
"""Libraries inside wheels that have compiled modules and no complete bill of materials, and their licences.

A new version may bring another library, so a lock with another version is refused until that is reviewed. The bills
of wheels written in Rust agree with the Cargo.lock of their source distributions, less optional crates and those of
other systems; orjson's leaves out yyjson, which is no crate.
"""


class Licence(NamedTuple):
    """The licence of a distribution or of a library inside its wheel: an SPDX expression, or what its metadata says."""

    component: str
    version: str
    expression: str


class Unreviewed(Exception):
    """A wheel holds compiled code and does not say which libraries are in it, or another version was reviewed."""


def main(lock: Path) -> int:
    """Print one line a component. Returns the exit code."""
    refused = 0
    for name, version in locked_versions(lock.read_text("utf-8")):
        try:
            require_review(name, version)
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


def locked_versions(lock: str) -> list[tuple[str, str]]:
    """Return the name and version of each distribution of a requirements file."""
    return re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", lock, re.MULTILINE)


def require_review(name: str, version: str) -> None:
    """Raise Unreviewed where another version of this distribution stands in REVIEWED."""
    review = REVIEWED.get(name)
    if review is not None and review.version != version:
        raise Unreviewed(
            f"{name} is {version}, and {review.version} was reviewed: see what is inside now, and correct REVIEWED"
        )


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
        yield Licence(f"{name}: libraries inside", "", reviewed.libraries)
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
