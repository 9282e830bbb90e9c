"""`impact reset`: delete the state of this checkout."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from deploy.cli import welcome
from deploy.engines import host
from deploy.engines.setup_error import SetupError
from deploy.supervision import run_state


def reset(*, force: bool) -> None:
    """Delete the embedded databases, events, keys and logs of this checkout. Refused while it runs.

    Without `force` it asks first, and refuses where nobody can answer.
    """
    state = host.state_folder()
    with run_state.lock_checkout(state):
        folders = (_databases(), state)
        if not force:
            _confirm(folders)
        for folder in folders:
            try:
                shutil.rmtree(folder)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise SetupError(f"{folder} could not be deleted ({error.strerror}): delete it by hand.") from error
            welcome.say(f"Deleted {folder}.")
    welcome.say("`make up` starts with empty databases.")


def _confirm(folders: Sequence[Path]) -> None:
    names = " and ".join(str(folder) for folder in dict.fromkeys(folders))
    if not sys.stdin.isatty():
        raise SetupError(f"This deletes {names}, with every database, key and log in it: `make reset FORCE=1`.")
    if not typer.confirm(f"Delete {names}, with every database, key and log in it?"):
        raise SetupError("Nothing was deleted.")


def _databases() -> Path:
    """Return the folder to delete: the whole one, unless tests of this checkout have databases in it."""
    folder = host.database_folder()
    return folder / "postgres" if any(folder.glob("impact-*")) else folder
