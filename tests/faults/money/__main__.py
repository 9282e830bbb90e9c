"""The command: see `python -m tests.faults.money --help`."""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from tests.faults.money import scenario

parser = argparse.ArgumentParser(description=scenario.__doc__)
parser.add_argument("--seconds", type=float, default=60.0)
parser.add_argument("--seed", type=int, default=int(time.time()))
parser.add_argument("--logs", type=Path, default=None)
arguments = parser.parse_args()
logs = arguments.logs or Path(tempfile.mkdtemp(prefix="impact-money-"))
print(f"seed {arguments.seed}, logs in {logs}", flush=True)
report = asyncio.run(scenario.main(arguments.seconds, arguments.seed, logs))
print(report)
raise SystemExit(not report.holds)
