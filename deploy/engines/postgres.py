"""One private PostgreSQL: set up, started, stopped. It listens on 127.0.0.1 alone and requires passwords (SCRAM)."""

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
INITDB_OPTIONS = (
    *("-U", SUPERUSER, "-A", "scram-sha-256", "-E", "UTF8", "--no-sync", "--no-instructions"),
    *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
)
UNSAFE_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


@dataclass(slots=True)
class Cluster:
    """A private PostgreSQL with its data in `home`. Where another user runs it, its programs are in `programs_in`."""

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
        """The folder of `postgres`, `initdb` and `psql`, which the user that runs them may enter."""
        if self._bin is None:
            self._bin = binaries.programs_folder(self.programs_in or self.home, self.account)
        return self._bin

    def url(self, database: str, role: str = SUPERUSER, password: str | None = None) -> str:
        return f"postgresql://{role}:{password or self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Create the data folder if there is none, and start. `wait` returns once it is ready."""
        host.require_disk_space(self.home)
        if self.data.exists():
            self._check_data()
        else:
            self._initdb()
        if not host.is_free(self.port):
            raise SetupError(
                f"Port {self.port} is taken, which PostgreSQL needs: stop what uses it, or choose another port."
            )
        settings = SETTINGS | ({} if self.safe else UNSAFE_SETTINGS)
        options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
        self._server = process.start(
            [self.bin / "postgres", "-D", self.data, "-p", str(self.port), *options],
            log=self.log,
            env=_environment(),
            parent_death_signal=signal.SIGINT,
            account=self.account,
        )

    def wait(self, timeout_seconds: float = 60) -> None:
        """Wait until the server accepts connections, crash recovery included."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            if self._server is None or self._server.poll() is not None:
                raise SetupError(_start_error(process.last_log_line(self.log), self.log))
            if self._is_ready():
                return
            time.sleep(0.02)
        raise SetupError(f"PostgreSQL was not ready after {timeout_seconds:.0f} seconds: see {self.log}.")

    @property
    def pid(self) -> int | None:
        return self._server.pid if self._server else None

    def is_running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def stop(self, timeout_seconds: float = 20) -> None:
        """Request a fast shutdown; if it takes half of the time an immediate one; then kill."""
        if self._server is not None:
            process.stop(self._server, signal.SIGINT, signal.SIGQUIT, timeout_seconds=timeout_seconds / 2)
            self._server = None

    def kill(self) -> None:
        """Kill the server and its backends, as a crash would."""
        if self._server is not None:
            children = psutil.Process(self._server.pid).children()
            self._server.kill()
            self._server.wait()
            for child in children:
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.kill()
            self._server = None

    def sql(self, commands: str, database: str = "postgres") -> str:
        """Run SQL as superuser by psql and return its unaligned output. Blocks: for set-up only."""
        connection_options = ["-h", "127.0.0.1", "-p", str(self.port), "-U", SUPERUSER, "-d", database]
        completed = subprocess.run(  # noqa: S603 - psql of our own binaries
            [str(self.bin / "psql"), "-XqAt", "-v", "ON_ERROR_STOP=1", *connection_options, "-f", "-"],
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

    def _is_ready(self) -> bool:
        pid_file = self.data / "postmaster.pid"
        try:
            lines = pid_file.read_text().splitlines()
        except OSError:
            return False
        # The last line of postmaster.pid is the postmaster's own state.
        return (
            len(lines) >= 8
            and lines[7].strip() == "ready"
            and self._server is not None
            and lines[0] == str(self._server.pid)
        )

    def _initdb(self) -> None:
        """Run initdb in a temporary folder and rename it when complete, so that a partial one is never used."""
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        with tempfile.NamedTemporaryFile("w", dir=self.home, prefix="pw") as password_file:
            password_file.write(self.password)
            password_file.flush()
            self.account.own(Path(password_file.name))
            completed = subprocess.run(  # noqa: S603 - our own binaries
                [str(self.bin / "initdb"), *INITDB_OPTIONS, f"--pwfile={password_file.name}", "-D", str(unfinished)],
                capture_output=True,
                text=True,
                user=self.account.uid,
                group=self.account.gid,
                extra_groups=None if self.account.uid is None else [],
                env=_environment(),
                cwd="/",
                check=False,
            )
        if completed.returncode:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise SetupError(
                _start_error((completed.stderr.strip().splitlines() or ["initdb printed nothing"])[-1], self.log)
            )
        unfinished.rename(self.data)

    def _check_data(self) -> None:
        if not (self.data / "PG_VERSION").is_file() or not (self.data / "global" / "pg_control").is_file():
            raise SetupError(
                f"The database folder {self.data} is incomplete: put it back from a copy, "
                "or run `make reset` to start over with empty databases."
            )
        data_version, program_version = (self.data / "PG_VERSION").read_text().strip(), binaries.version(self.bin)
        if data_version != str(program_version):
            raise SetupError(
                f"The database folder {self.data} was written by PostgreSQL {data_version} "
                f"and this is {program_version}: move its data with pg_dump, or run `make reset` to start over."
            )
        self._clear_pid_file()

    def _clear_pid_file(self) -> None:
        """Stop a server that outlived its supervisor; remove a stale file whose process id another process has now."""
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
        if not process.wait_until_ended(pid):
            raise SetupError(
                f"An earlier PostgreSQL still runs and does not stop: end process {pid}, then run this again."
            )


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _start_error(reason: str, log: Path) -> str:
    if "No space left" in reason:
        return "The disk is full, so PostgreSQL could not start: make room and run this again."
    return f"PostgreSQL did not start ({reason}): see {log}; if the data cannot be repaired, `make reset` starts over."
