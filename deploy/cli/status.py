"""`impact status`: what runs, and how it is."""

from urllib.parse import urlsplit

import psutil
from rich.table import Table

from deploy.cli import welcome
from deploy.processes import GATEWAY, PROCESSES, Process
from deploy.supervision import run_state, supervisor


def status() -> bool:
    """Show each process with its address, readiness and memory; answers whether all are ready."""
    pids = run_state.processes()
    table = Table("What", "Where", "How", "Memory")
    well, total = True, 0
    for process in PROCESSES:
        where = urlsplit(run_state.setting("PUBLIC_URL" if process is GATEWAY else _address_name(process)))
        ready, why = supervisor.readiness(where.port or 80, where.hostname or "127.0.0.1")
        well = well and ready
        used = memory(pids.pop(process.name, None))
        total += used
        table.add_row(*_row(process.name, where.netloc, "ready" if ready else why, used))
    for name, pid in pids.items():
        used = memory(pid, recursive=name != "impact")
        total += used
        table.add_row(*_row(name, "", "runs" if used else "does not run", used))
    if total:
        table.caption = f"{total // 2**20} MB in all, shared pages counted once"
    welcome.console.print(table)
    return well


def memory(pid: int | None, *, recursive: bool = True) -> int:
    """Bytes that a process and its descendants use, with shared pages counted once (PSS); 0 where it is gone."""
    try:
        parent = psutil.Process(pid or 0)
        family = (parent, *parent.children(recursive=True)) if recursive else (parent,)
        memory = [process.memory_full_info() for process in family] if pid else []
        return sum(getattr(info, "pss", info.rss) for info in memory)
    except psutil.Error:
        return 0


def _row(name: str, where: str, how: str, used: int) -> tuple[str, str, str, str]:
    return name, where, how, f"{used / 2**20:.0f} MB" if used else ""


def _address_name(process: Process) -> str:
    return f"{process.name.replace('-', '_').upper()}_URL"
