"""Folders and files are of a size that a person takes in, and a file is a layer or a noun."""

import re
from collections import Counter
from pathlib import PurePosixPath

from tests.architecture.test_names import ROOT, sources

MAX_FILES_PER_FOLDER = 12
MAX_LINES = 400
NOUNS_IN_ING = frozenset({"caching", "funding", "heading", "logging", "signposting", "spelling", "tracing", "waiting"})
"""Files with these names hold what the field calls so."""
LAYERS = ("api", "handlers", "jobs", "commands", "views", "queries", "rules", "tables")


def paths() -> list[PurePosixPath]:
    return [PurePosixPath(path.relative_to(ROOT).as_posix()) for path in sources()]


def test_a_folder_holds_at_most_twelve_python_files() -> None:
    sizes = Counter(path.parent for path in paths())
    assert {str(folder): size for folder, size in sizes.items() if size > MAX_FILES_PER_FOLDER} == {}


def test_a_file_is_short_enough_to_read_at_once() -> None:
    lengths = {str(path): len((ROOT / path).read_text().splitlines()) for path in paths()}
    assert {path: lines for path, lines in lengths.items() if lines > MAX_LINES} == {}


def test_a_file_is_a_layer_or_a_noun_never_a_gerund() -> None:
    gerunds = [
        str(path)
        for path in paths()
        if path.parts[0] != "tests" and re.fullmatch(r"\w*ing", path.stem) and path.stem not in NOUNS_IN_ING
    ]
    assert gerunds == []


def test_routers_stand_in_api_files_and_nowhere_else() -> None:
    elsewhere = [
        str(path)
        for path in paths()
        if path.parts[0] == "services" and path.stem != "api" and "create_router(" in (ROOT / path).read_text()
    ]
    assert elsewhere == []


def test_rights_are_declared_in_callers_and_nowhere_else() -> None:
    elsewhere = [
        str(path)
        for path in paths()
        if path.parts[0] == "services" and path.stem != "callers" and re.search(r"\ballow\(", (ROOT / path).read_text())
    ]
    assert elsewhere == []


def test_caching_policies_are_named_in_one_module() -> None:
    literal = re.compile(r"[\"']Cache-Control[\"']\s*[\]:,]", re.IGNORECASE)
    elsewhere = [
        str(path) for path in paths() if path.parts[0] == "services" and literal.search((ROOT / path).read_text())
    ]
    assert elsewhere == []
