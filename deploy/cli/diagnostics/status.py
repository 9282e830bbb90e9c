"""`impact status`: which processes run, and whether they are ready."""

from urllib.parse import urlsplit

import psutil
from rich.table import Table

from deploy.cli import welcome
from deploy.engines import host
from deploy.processes import GATEWAY, PROCESSES, Process
from deploy.supervision import run_state, supervisor


def status() -> bool:
    """Show each process with its address, readiness and memory. Returns whether all are ready."""
    pids, engine_ports = run_state.processes(), host.stable_ports(run_state.STATE / "ports.json")
    table = Table("Process", "Address", "State", "Memory")
    all_ready, total_bytes = True, 0
    for process in PROCESSES:
        address = urlsplit(run_state.setting("PUBLIC_URL" if process is GATEWAY else address_name(process)))
        ready, reasons = supervisor.readiness(address.port or 80, address.hostname or "127.0.0.1")
        all_ready = all_ready and ready
        memory_bytes = memory(pids.pop(process.name, None))
        total_bytes += memory_bytes
        table.add_row(*_row(process.name, address.netloc, "ready" if ready else reasons, memory_bytes))
    if planter := memory(pids.pop(run_state.LIBRARY, None)):
        table.add_row(*_row("demo library", "", "being planted", planter))
        total_bytes += planter
    for name, pid in pids.items():
        memory_bytes = memory(pid, recursive=name != "impact")
        total_bytes += memory_bytes
        port = engine_ports.get(name)
        ready = memory_bytes > 0 and (port is None or not host.is_free(port))
        all_ready = all_ready and ready
        address = f"127.0.0.1:{port}" if port else ""
        table.add_row(*_row(name, address, "ready" if ready else "does not answer", memory_bytes))
    if total_bytes:
        table.caption = f"{total_bytes // 2**20} MB in all, shared pages counted once"
    welcome.console.print(table)
    return all_ready


def memory(pid: int | None, *, recursive: bool = True) -> int:
    """Return the bytes that a process and its descendants use, shared pages counted once (PSS); 0 if it has ended."""
    if pid is None or pid <= 0:
        return 0
    try:
        parent = psutil.Process(pid)
        family = (parent, *parent.children(recursive=True)) if recursive else (parent,)
    except psutil.Error:
        return 0
    return sum(_own_memory(process) for process in family)


def _own_memory(process: psutil.Process) -> int:
    """Return the bytes of one process; 0 if it ended meanwhile, as a backend of PostgreSQL or a zombie has."""
    try:
        info = process.memory_full_info()
    except psutil.Error:
        return 0
    return getattr(info, "pss", info.rss)


def _row(name: str, address: str, state: str, memory_bytes: int) -> tuple[str, str, str, str]:
    return name, address, state, f"{memory_bytes / 2**20:.0f} MB" if memory_bytes else ""


def address_name(process: Process) -> str:
    """Return the name of the setting that has the address of a service's process."""
    return f"{process.name.replace('-', '_').upper()}_URL"
