"""One private PostgreSQL: set up, started, stopped. It listens on 127.0.0.1 alone and asks for passwords (SCRAM)."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from deploy.engines import binaries, host, process
from deploy.engines.host import Account
from deploy.engines.setup_error import SetupError

SUPERUSER = "impact"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "240",
    "shared_buffers": "64MB",
    "maintenance_work_mem": "32MB",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "io_method": "sync",
    "max_worker_processes": "2",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "2",
    "autovacuum_worker_slots": "4",
    "max_logical_replication_workers": "0",
    "huge_pages": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_error_statement": "panic",
    "password_encryption": "scram-sha-256",
}
INITDB = (
    *("-U", SUPERUSER, "-A", "scram-sha-256", "-E", "UTF8", "--no-sync", "--no-instructions"),
    *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


@dataclass(slots=True)
class Cluster:
    """A PostgreSQL that is ours: its data in `home`; where another user runs it, the programs in `programs_in`."""

    home: Path
    log: Path
    password: str
    port: int
    account: Account = field(default_factory=Account)
    safe: bool = True
    programs_in: Path | None = None
    _server: "subprocess.Popen[bytes] | None" = None
    _bin: Path | None = None

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def bin(self) -> Path:
        """The folder of `postgres`, `initdb`, `psql`, reachable for the user that runs them."""
        if self._bin is None:
            self._bin = binaries.reachable(self.programs_in or self.home, self.account)
        return self._bin

    def url(self, database: str, role: str = SUPERUSER, password: str | None = None) -> str:
        return f"postgresql://{role}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Set the data folder up if there is none, and start; `wait` says when it answers."""
        host.need_room(self.home)
        if self.data.exists():
            self._check_data()
        else:
            self._initdb()
        if not host.is_free(self.port):
            raise SetupError(
                f"Port {self.port} is taken, which PostgreSQL wanted: stop what uses it, or choose another port."
            )
        settings = SETTINGS | ({} if self.safe else UNSAFE_BUT_FAST)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._server = process.start(
            [self.bin / "postgres", "-D", self.data, "-p", str(self.port), *options],
            log=self.log,
            env=_environment(),
            parent_death_signal=signal.SIGINT,
            account=self.account,
        )

    def wait(self, patience: float = 60) -> None:
        """Until the server takes connections (crash recovery included)."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if self._server is None or self._server.poll() is not None:
                raise SetupError(_told(process.last_log_line(self.log), self.log))
            if self._says_ready():
                return
            time.sleep(0.02)
        raise SetupError(f"PostgreSQL was not ready after {patience:.0f} seconds: see {self.log}.")

    @property
    def pid(self) -> int | None:
        return self._server.pid if self._server else None

    def is_running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def stop(self) -> None:
        """Fast shutdown; if it hangs, immediate; in the end kill."""
        if self._server is not None:
            process.stop(self._server, signal.SIGINT, signal.SIGQUIT)
            self._server = None

    def kill(self) -> None:
        """End it at once as a crash would, backends included."""
        if self._server is not None:
            children = psutil.Process(self._server.pid).children()
            self._server.kill()
            self._server.wait()
            for child in children:
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
            self._server = None

    def sql(self, commands: str, database: str = "postgres") -> str:
        """Run SQL as superuser by psql; answers its output, unaligned. For set-up only: no event loop, no thread."""
        who = ["-h", "127.0.0.1", "-p", str(self.port), "-U", SUPERUSER, "-d", database]
        completed = subprocess.run(  # noqa: S603 - psql of our own binaries
            [str(self.bin / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", *who, "-f", "-"],
            input=commands,
            text=True,
            capture_output=True,
            env=_environment() | {"PGPASSWORD": self.password},
            cwd="/",
            check=False,
        )
        if completed.returncode:
            raise SetupError(f"PostgreSQL refused to be set up ({completed.stderr.strip()}): `make reset` starts over.")
        return completed.stdout.strip()

    def _says_ready(self) -> bool:
        pid_file = self.data / "postmaster.pid"
        try:
            lines = pid_file.read_text().splitlines()
        except OSError:
            return False
        # The last line of postmaster.pid is the postmaster's own word for its state.
        return (
            len(lines) >= 8
            and lines[7].strip() == "ready"
            and self._server is not None
            and lines[0] == str(self._server.pid)
        )

    def _initdb(self) -> None:
        """Into a folder beside, renamed when complete: what initdb left half-done is never taken for a database."""
        fresh = self.home / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self.home, prefix="pw") as secret:
            secret.write(self.password)
            secret.flush()
            self.account.own(Path(secret.name))
            done = subprocess.run(  # noqa: S603 - our own binaries
                [str(self.bin / "initdb"), *INITDB, f"--pwfile={secret.name}", "-D", str(fresh)],
                capture_output=True,
                text=True,
                user=self.account.uid,
                group=self.account.gid,
                extra_groups=None if self.account.uid is None else [],
                env=_environment(),
                cwd="/",
                check=False,
            )
        if done.returncode:
            shutil.rmtree(fresh, ignore_errors=True)
            raise SetupError(_told((done.stderr.strip().splitlines() or ["initdb said nothing"])[-1], self.log))
        fresh.rename(self.data)

    def _check_data(self) -> None:
        if not (self.data / "PG_VERSION").is_file() or not (self.data / "global" / "pg_control").is_file():
            raise SetupError(
                f"The database folder {self.data} is incomplete: put it back from a copy, "
                "or run `make reset` to start over with empty databases."
            )
        written, ours = (self.data / "PG_VERSION").read_text().strip(), binaries.version(self.bin)
        if written != str(ours):
            raise SetupError(
                f"The database folder {self.data} was written by PostgreSQL {written} and this is {ours}: "
                "move its data with pg_dump, or run `make reset` to start over."
            )
        self._clear_pid_file()

    def _clear_pid_file(self) -> None:
        """End a server that outlived its supervisor; forget a process id that now belongs to somebody else."""
        file = self.data / "postmaster.pid"
        if not file.exists():
            return
        try:
            pid = int(file.read_text().splitlines()[0])
            command = psutil.Process(pid).cmdline()
        except (IndexError, ValueError, psutil.Error):
            file.unlink(missing_ok=True)
            return
        if str(self.data) not in command:
            file.unlink(missing_ok=True)
            return
        os.kill(pid, signal.SIGINT)
        if not process.ended(pid):
            raise SetupError(
                f"A PostgreSQL from before still runs and does not stop: end process {pid}, then run this again."
            )


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _told(words: str, log: Path) -> str:
    if "No space left" in words:
        return "The disk is full, so PostgreSQL could not start: make room and run this again."
    return f"PostgreSQL did not start ({words}): see {log}; if the data is beyond help, `make reset` starts over."
