"""What a test needs and this machine may not have: the real data beside the checkout, a program, an engine."""

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
    """Fail in CI, where nothing may be missing; elsewhere skip and say what is not there."""
    if in_ci():
        pytest.fail(f"missing in CI: {what}")
    pytest.skip(f"missing: {what}")


def require_path(path: Path) -> Path:
    """This path, if something is there."""
    if not path.exists():
        skip_or_fail(os.path.relpath(path, CHECKOUT))
    return path


def data_path(*parts: str) -> Path:
    """A file or folder of the real data beside the checkout (`data("evidence", "ris")`)."""
    return require_path(DATA.joinpath(*parts))
