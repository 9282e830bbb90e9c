"""Every import contract refuses what it is for: violations are planted in a copy of the code, and noticed."""

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from tests.architecture.conventions.sources import ROOT, python_files

PACKAGES = ("services", "gateway", "shared", "deploy")
LAYERS = ("api", "handlers", "jobs", "commands", "views", "queries", "rules", "tables")
SLICE = "Inside a slice: every file is a layer or a declared noun, and imports only what stands below it"
NO_SLICES = {"services.evidence.exchange.readers"}
"""Refusals of formats are its rules; the contract of the exchange holds it."""

PLANTED = {
    "The gateway and the services stand on shared; shared knows none of them": (
        "shared/clock.py",
        "import gateway.routes",
    ),
    "Services never import each other": ("services/funding/settings.py", "import services.evidence.settings"),
    "Only shared.event_log.kafka imports aiokafka": ("shared/messaging/relay.py", "import aiokafka"),
    "Services publish through the unit of work, never through the outbox": (
        "services/engagement/worker.py",
        "import shared.persistence.outbox",
    ),
    "Rules do not know SQLAlchemy; rows they may take": (
        "services/funding/programme/programme/rules.py",
        "import sqlalchemy",
    ),
    "The families of evidence stand on one another in this order": (
        "services/evidence/library/items/rules.py",
        "import services.evidence.exchange.oai.rules",
    ),
    "The families of engagement stand on one another in this order": (
        "services/engagement/replicas/topics/queries.py",
        "import services.engagement.surveys.surveys.rules",
    ),
    "The families of funding stand on one another in this order": (
        "services/funding/ledger/ledger/rules.py",
        "import services.funding.participation.claims.rules",
    ),
    "The exchange of evidence: jobs and formats on readers and writers": (
        "services/evidence/exchange/readers/records.py",
        "import services.evidence.exchange.oai.rules",
    ),
    SLICE: (
        "services/funding/programme/rates/tables.py",
        "import services.funding.programme.rates.api",
    ),
    "The packages of shared stand on one another in this order": (
        "shared/persistence/columns.py",
        "import shared.http.caching",
    ),
    "The packages of the gateway stand on one another in this order": (
        "gateway/http/headers.py",
        "import gateway.web.html",
    ),
}
"""A file and the line that is added to it, by the name of the contract that it violates."""

NEITHER_LAYER_NOR_NOUN = "services/funding/programme/rates/oddments.py"
"""A file that no layer of the contract names."""

ACYCLIC = "Modules, slices, families and packages form no cycle"
PLANTED_CYCLE = ("shared/event_log/protocol.py", "import shared.event_log.kafka.log")

INDIRECT = "Rules decide without input or output, directly or through others"
PLANTED_INDIRECTLY = {
    "evidence": (
        "services/evidence/publications/guides/documents/content.py",
        "services.evidence.publications.guides.rules",
        "httpx",
    ),
    "engagement": (
        "services/engagement/meetings/assemblies/tables.py",
        "services.engagement.meetings.assemblies.rules",
        "asyncpg",
    ),
    "funding": (
        "services/funding/programme/programme/tables.py",
        "services.funding.programme.programme.rules",
        "aiohttp",
    ),
    "gateway": ("gateway/partners/tables.py", "gateway.partners.rules", "shared.persistence.database"),
}
"""A module that rules import, those rules, and what is input and output of theirs where that module imports it."""
PLANTED_IN_RULES_OF_THE_GATEWAY = ("gateway/identity/rules.py", "import sqlalchemy")


def contracts() -> dict[str, dict[str, Any]]:
    """Return the contracts by name."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {contract["name"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}


def module_of(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def undeclared_slices(files: Iterable[PurePosixPath]) -> set[str]:
    """Return the packages that have a layer, but are no container of the contract of slices, which is then silent."""
    slices = {
        ".".join(file.parent.parts)
        for file in files
        if file.parts[0] == "services" and len(file.parts) > 3 and file.stem in LAYERS  # deeper than a service
    }
    return slices - set(contracts()[SLICE]["containers"]) - NO_SLICES


def checked(folder: Path) -> str:
    """Return what import-linter says of the code in this folder."""
    command = [
        sys.executable,
        "-c",
        "from importlinter.cli import lint_imports_command; lint_imports_command()",
        "--no-cache",
    ]
    environment = {"NO_COLOR": "1", "COLUMNS": "400", "PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False).stdout


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What is said, by contract, of a copy of the code with all the violations planted."""
    folder = tmp_path_factory.mktemp("planted")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, line in (
        *PLANTED.values(),
        PLANTED_CYCLE,
        PLANTED_IN_RULES_OF_THE_GATEWAY,
        *((name, f"import {module}") for name, _, module in PLANTED_INDIRECTLY.values()),
    ):
        path = folder / name
        path.write_text(f"{path.read_text()}\n{line}\n")
    (folder / NEITHER_LAYER_NOR_NOUN).write_text('"""What has no place."""\n')
    _, *headings_and_bodies = re.split(r"\n([^\n]+)\n-{5,}\n", checked(folder))
    yield dict(zip(headings_and_bodies[::2], headings_and_bodies[1::2], strict=True))
    shutil.rmtree(folder)


def test_every_contract_has_a_planted_violation() -> None:
    assert set(contracts()) == {*PLANTED, ACYCLIC, INDIRECT}


def test_every_package_with_a_layer_is_a_slice_of_the_contract() -> None:
    assert undeclared_slices(python_files()) == set()


def test_a_slice_that_the_contract_does_not_name_is_noticed() -> None:
    assert undeclared_slices([PurePosixPath("services/funding/grants/rules.py")]) == {"services.funding.grants"}


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_violation_is_refused(report: dict[str, str], contract: str) -> None:
    path, line = PLANTED[contract]
    assert f"{module_of(path)} -> {line.removeprefix('import ')} (l." in report[contract]


def test_a_planted_cycle_is_refused(report: dict[str, str]) -> None:
    assert re.search(r"No cycles are allowed in shared\.event_log\.[^*]*- \.protocol -> \.kafka", report[ACYCLIC])


def test_a_file_that_is_neither_a_layer_nor_a_declared_noun_is_refused(report: dict[str, str]) -> None:
    assert f"not listed as layers:\n\n- {module_of(NEITHER_LAYER_NOR_NOUN)}" in report[SLICE]


@pytest.mark.parametrize("service", PLANTED_INDIRECTLY)
def test_input_or_output_of_what_rules_import_is_input_or_output_of_rules(report: dict[str, str], service: str) -> None:
    path, rules, module = PLANTED_INDIRECTLY[service]
    assert f"{rules} is not allowed to import {module}:" in report[INDIRECT]
    assert f"{module_of(path)} -> {module} (l." in report[INDIRECT]


def test_rules_of_the_gateway_know_no_sqlalchemy_either(report: dict[str, str]) -> None:
    path, line = PLANTED_IN_RULES_OF_THE_GATEWAY
    refused = f"{module_of(path)} -> {line.removeprefix('import ')} (l."
    assert refused in report["Rules do not know SQLAlchemy; rows they may take"]
