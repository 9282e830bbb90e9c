"""`impact reset`: delete the state of this checkout."""

import shutil
from pathlib import Path

from deploy.cli import welcome
from deploy.engines import host
from deploy.engines.setup_error import SetupError
from deploy.supervision import run_state


def reset() -> None:
    """Delete the embedded databases, events, keys and logs of this checkout. Refused while it runs."""
    state = host.state_folder()
    with run_state.lock_checkout(state):
        for folder in (_databases(), state):
            try:
                shutil.rmtree(folder)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise SetupError(f"{folder} could not be deleted ({error.strerror}): delete it by hand.") from error
            welcome.say(f"Deleted {folder}.")
    welcome.say("`make up` starts with empty databases.")


def _databases() -> Path:
    """Return the folder to delete: the whole one, unless tests of this checkout have databases in it."""
    folder = host.database_folder()
    return folder / "postgres" if any(folder.glob("impact-*")) else folder
