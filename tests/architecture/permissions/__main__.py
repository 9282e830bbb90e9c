"""Try every operation as every caller, and write the statuses into `rights.txt`, to be reviewed in the diff."""

import os
import subprocess
import sys

from tests.architecture.permissions.table import WRITES_THE_TABLE

subprocess.run(
    [sys.executable, "-m", "pytest", "-q", "tests/architecture/permissions/test_permissions.py"],
    check=True,
    env={**os.environ, WRITES_THE_TABLE: "yes"},
)
