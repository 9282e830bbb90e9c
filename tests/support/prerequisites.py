"""What a test requires and a machine may lack: the real data beside the checkout, a program, an engine."""

import os
from pathlib import Path
from typing import NoReturn

import pytest

CHECKOUT = Path(__file__).parents[2]
DATA = CHECKOUT.parent / "shared" / "data"
CASES = CHECKOUT.parent / "shared" / "cases"


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def skip_or_fail(what: str) -> NoReturn:
    """Fail in CI, where nothing may be missing; elsewhere skip the test with the reason."""
    if in_ci():
        pytest.fail(f"missing in CI: {what}")
    pytest.skip(f"missing: {what}")


def require_path(path: Path) -> Path:
    """Return the path. Fails or skips the test where nothing exists at it."""
    if not path.exists():
        skip_or_fail(os.path.relpath(path, CHECKOUT))
    return path


def data_path(*parts: str) -> Path:
    """Return a file or folder of the real data beside the checkout: `data_path("evidence", "ris")`."""
    return require_path(DATA.joinpath(*parts))
