from pathlib import Path

import pytest

from tests.support.prerequisites import require_path


def test_a_missing_file_fails_in_ci(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match=r"missing in CI: .*nothing\.ris"):
        require_path(tmp_path / "nothing.ris")


def test_elsewhere_a_missing_file_skips_the_test_with_its_path_as_the_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match=r"missing: .*nothing\.ris"):
        require_path(tmp_path / "nothing.ris")


def test_an_existing_path_is_returned(tmp_path: Path) -> None:
    assert require_path(tmp_path) == tmp_path
