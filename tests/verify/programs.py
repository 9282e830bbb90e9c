"""Programs that the checks run."""

import os
import shutil
from pathlib import Path

from tests.support.prerequisites import skip_or_fail

PACKAGES = Path(__file__).parent / "node_modules"
TOOLS = Path(__file__).parents[2] / ".venv-verify" / "bin"
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/go/bin"])


def program(name: str) -> str:
    """Return the path of a program of the system."""
    path = shutil.which(name, path=SEARCH_PATH)
    return path or skip_program(name)


def npm_file(path: str) -> Path:
    """Return a file of a package that tests/verify/package-lock.json names."""
    file = PACKAGES / path
    return file if file.exists() else Path(skip_program(str(file)))


def tool(name: str) -> str:
    """Return the path of a program that tests/verify/tools.lock brings."""
    path = TOOLS / name
    return str(path) if path.exists() else skip_program(str(path))


def tool_file(path: str) -> Path:
    """Return a file of a package that tests/verify/tools.lock names."""
    file = next(TOOLS.parent.glob(f"lib/python*/site-packages/{path}"), None)
    return file or Path(skip_program(path))


def skip_program(what: str) -> str:
    """Fail in CI, skip elsewhere. Never returns: the declared type lets callers return the call."""
    return skip_or_fail(what)
