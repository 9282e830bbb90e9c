"""The compiled styles are those of their source, made by the versions that its lock file names."""

import shutil
import subprocess
from pathlib import Path

from tests.support.prerequisites import CHECKOUT
from tests.verify.programs import program

LAYOUT = CHECKOUT / "gateway/web/layout"


def test_the_compiled_styles_are_those_of_their_source(tmp_path: Path) -> None:
    shutil.copytree(LAYOUT / "styles", tmp_path / "styles", ignore=shutil.ignore_patterns("node_modules"))
    (tmp_path / "static").mkdir()
    npm = program("npm")
    for command in (("ci", "--no-audit", "--no-fund", "--loglevel=error"), ("run", "build", "--silent")):
        subprocess.run([npm, *command], cwd=tmp_path / "styles", check=True, stdin=subprocess.DEVNULL)
    assert (tmp_path / "static/impact.css").read_text() == (LAYOUT / "static/impact.css").read_text()
