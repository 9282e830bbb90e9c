"""Folders and files are of a size that a person takes in, and a file is a layer or a noun."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

import pytest

from tests.architecture.conventions.sources import python_files, text_of, tracked_files

MAX_FILES_PER_FOLDER = 12
MAX_LINES = 320
NOUNS_IN_ING = frozenset(
    {
        "caching",
        "funding",
        "heading",
        "learning",
        "logging",
        "messaging",
        "ranking",
        "signposting",
        "spelling",
        "tracing",
        "waiting",
    }
)
"""Files and folders with these names hold what the field calls so."""
NOTES_OF_WORK_LEFT = tuple(word.replace("-", "") for word in ("TO-DO", "FIX-ME", "XX-X"))
"""Written so that this file is not refused itself."""


def full_folders(paths: Iterable[PurePosixPath]) -> dict[str, int]:
    sizes = Counter(str(path.parent) for path in paths)
    return {folder: size for folder, size in sizes.items() if size > MAX_FILES_PER_FOLDER}


def long_files(texts: Mapping[PurePosixPath, str]) -> dict[str, int]:
    lengths = {str(path): len(text.splitlines()) for path, text in texts.items()}
    return {path: lines for path, lines in lengths.items() if lines > MAX_LINES}


def gerunds(paths: Iterable[PurePosixPath]) -> set[str]:
    """Return the files and folders that are called as what is done there, such as `writing.py`."""
    names = {(str(path), name.removeprefix("test_")) for path in paths for name in (*path.parts[:-1], path.stem)}
    return {path for path, name in names if re.fullmatch(r"\w*ing", name) and name not in NOUNS_IN_ING}


def unfinished(texts: Mapping[PurePosixPath, str]) -> list[str]:
    return [str(path) for path, text in texts.items() if re.search(rf"\b({'|'.join(NOTES_OF_WORK_LEFT)})\b", text)]


def test_a_folder_holds_at_most_twelve_python_files() -> None:
    assert full_folders(python_files()) == {}


def test_a_file_is_short_enough_to_read_at_once() -> None:
    assert long_files({path: text_of(path) for path in python_files()}) == {}


def test_a_file_is_a_layer_or_a_noun_never_a_gerund() -> None:
    assert gerunds(python_files()) == set()


def test_nothing_is_left_for_later() -> None:
    assert unfinished({path: text_of(path) for path in tracked_files() if path.suffix not in (".lock", ".png")}) == []


def test_a_folder_of_thirteen_files_and_a_file_of_too_many_lines_are_noticed() -> None:
    assert full_folders(PurePosixPath(f"shared/module_{number}.py") for number in range(13)) == {"shared": 13}
    path = PurePosixPath("shared/clock.py")
    assert long_files({path: "\n" * MAX_LINES}) == {}
    assert long_files({path: "\n" * (MAX_LINES + 1)}) == {"shared/clock.py": MAX_LINES + 1}


@pytest.mark.parametrize(
    "path",
    [
        "shared/writing.py",
        "services/funding/paying/rules.py",
        "tests/gateway/serving.py",
        "tests/shared/test_sending.py",
    ],
)
def test_a_gerund_is_noticed(path: str) -> None:
    assert gerunds([PurePosixPath(path)]) == {path}


@pytest.mark.parametrize("word", NOTES_OF_WORK_LEFT)
def test_a_note_of_what_is_left_is_noticed(word: str) -> None:
    path = PurePosixPath("deploy/event_topics.yaml")
    assert unfinished({path: f"# {word}: retention"}) == [str(path)]


def test_no_lock_file_of_npm_names_an_address() -> None:
    """Nor those of funding pages, which npm adds: take each `funding` out again."""
    locks = {path: text_of(path) for path in tracked_files() if path.name == "package-lock.json"}
    assert len(locks) >= 2
    assert [str(path) for path, text in locks.items() if "://" in text] == []
