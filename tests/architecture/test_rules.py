"""Rules reach no input or output: of all that they import, directly or through others, these libraries are the ends.

The import contracts refuse what they name. Here a library that nobody thought of is refused too, and one part of a
package where another part may be used: `urllib.request` beside `urllib.parse`.
"""

import ast
from collections.abc import Mapping
from functools import cache

import pytest

from tests.architecture.conventions.sources import python_files, text_of

MAY_REACH = frozenset(
    {
        "base64", "binascii", "collections", "collections.abc", "dataclasses", "datetime", "enum", "fractions",
        "functools", "hashlib", "hmac", "itertools", "math", "re", "time", "typing", "unicodedata",
        "urllib.parse", "uuid", "zoneinfo", "cryptography.exceptions",
        "cryptography.hazmat.primitives.asymmetric.ed25519", "cryptography.hazmat.primitives.hashes",
        "cryptography.hazmat.primitives.ciphers.aead", "cryptography.hazmat.primitives.kdf.hkdf",
        "cryptography.hazmat.primitives.serialization", "jwt", "lxml", "orjson", "rapidfuzz", "regex",
        "uuid_utils.compat", "pydantic", "pydantic.alias_generators", "fastapi", "starlette.requests",
        "starlette.responses", "sqlalchemy", "sqlalchemy.dialects.postgresql", "sqlalchemy.orm",
        "sqlalchemy.schema", "sqlalchemy.types", "sqlmodel",
    }
)  # fmt: skip
"""What computes. FastAPI and Starlette stand in the signatures of permissions and of refusals, SQLAlchemy in tables."""
MAY_REACH_ONCE = {
    ("shared.encryption", "os"): "random bytes",
    ("services.funding.payments.iso20022.documents", "pathlib"): "the schemas beside the code, read once",
}
OURS = ("services", "gateway", "shared", "deploy")


def sources() -> dict[str, str]:
    """Return the text of every module of ours, by its dotted name."""
    return {
        ".".join(path.with_suffix("").parts).removesuffix(".__init__"): text_of(path)
        for path in python_files()
        if path.parts[0] in OURS
    }


@cache
def imports(source: str) -> frozenset[tuple[str, str]]:
    """Return the modules that are imported, each with the full name of what is imported from it, or its own."""
    nodes = list(ast.walk(ast.parse(source)))
    whole = {(alias.name, alias.name) for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    parts = {
        (node.module or "", f"{node.module}.{alias.name}")
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    return frozenset(whole | parts)


def with_packages(module: str) -> set[str]:
    """Return the module and the packages around it, which an import runs as well."""
    parts = module.split(".")
    return {".".join(parts[:length]) for length in range(1, len(parts) + 1)}


def refused_imports(modules: Mapping[str, str]) -> set[tuple[str, str]]:
    """Return the imports of other libraries by rules and by what these import: the importing module and the library."""
    refused: set[tuple[str, str]] = set()
    reached = {name for name in modules if name.endswith(".rules")}
    unread = list(reached)
    while unread:
        importer = unread.pop()
        for module, name in imports(modules[importer]):
            if module.partition(".")[0] in OURS:
                imported = {package for package in with_packages(name) if package in modules} - reached
                reached |= imported
                unread.extend(imported)
            elif module not in MAY_REACH and (importer, module) not in MAY_REACH_ONCE:
                refused.add((importer, module))
    return refused


@pytest.fixture(scope="module")
def modules() -> dict[str, str]:
    return sources()


def test_rules_reach_no_input_or_output(modules: dict[str, str]) -> None:
    assert refused_imports(modules) == set()


def test_every_library_that_rules_may_reach_is_reached(modules: dict[str, str]) -> None:
    libraries = {module for text in modules.values() for module, _ in imports(text)}
    assert MAY_REACH - libraries == set()
    for importer, library in MAY_REACH_ONCE:
        assert library in {module for module, _ in imports(modules[importer])}


@pytest.mark.parametrize(
    ("line", "library"),
    [
        *((f"import {library}", library) for library in (
            "requests", "httpx", "urllib.request", "http.client", "socket", "ssl", "smtplib", "psycopg", "sqlite3",
            "asyncpg", "subprocess", "asyncio", "asyncio.subprocess", "multiprocessing", "os", "pathlib", "importlib",
            "sqlalchemy.ext.asyncio", "structlog",
        )),
        ("from urllib import request", "urllib"),
        ("from asyncio import subprocess", "asyncio"),
        ("def approve():\n    import socket", "socket"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "importer",
    [
        "services.funding.programme.rates.rules",
        "services.evidence.publications.guides.documents.content",
        "services.engagement.meetings.assemblies.tables",
        "gateway.partners.rules",
        "gateway.identity.tables",
        "shared.callers",
        "shared.events",
    ],
)
def test_input_or_output_planted_in_rules_or_in_what_they_import_is_noticed(
    modules: dict[str, str], importer: str, line: str, library: str
) -> None:
    assert refused_imports({**modules, importer: f"{modules[importer]}\n{line}\n"}) == {(importer, library)}


def test_input_or_output_far_from_the_rules_is_noticed(modules: dict[str, str]) -> None:
    rules = "services.funding.programme.rates.rules"
    planted = {
        **modules,
        rules: f"{modules[rules]}\nfrom services.funding.programme.rates import exchange\n",
        "services.funding.programme.rates.exchange": "from shared.service.banks import fetch_rate",
        "shared.service.banks": "import urllib.request",
    }
    assert refused_imports(planted) == {("shared.service.banks", "urllib.request")}
