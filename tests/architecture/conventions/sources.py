"""The files of the repository, as Git knows them."""

import subprocess
from functools import cache
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[3]


@cache
def tracked_files() -> tuple[PurePosixPath, ...]:
    listing = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(PurePosixPath(name) for name in listing.stdout.splitlines() if (ROOT / name).exists())


def python_files() -> list[PurePosixPath]:
    """List the Python files, without migrations, which are frozen."""
    return [path for path in tracked_files() if path.suffix == ".py" and "/migrations/versions/" not in str(path)]


def text_of(path: PurePosixPath) -> str:
    return (ROOT / path).read_text()
