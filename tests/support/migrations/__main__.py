"""Write a migration from the schema that migrations create to the one that the tables declare.

python -m tests.support.migrations funding "add receipts"
"""

import asyncio
import re
import sys

from deploy.processes import PACKAGES
from shared.persistence.migrations import schema
from tests.support.engines import PASSWORD, postgres

SERVICES = {**PACKAGES, schema.PLATFORM: schema.PLATFORM}


def main(service: str, message: str) -> None:
    package = SERVICES.get(service)
    if package is None or not re.search("[A-Za-z0-9]", message):
        raise SystemExit(
            f'Name a service ({", ".join(SERVICES)}) and a message: make migration S=funding M="add receipts"'
        )
    role = "evidence" if service == schema.PLATFORM else service
    with postgres() as cluster:
        url = cluster.url(role, role, PASSWORD)
        asyncio.run(schema.upgrade(package, url))
        try:
            path = asyncio.run(schema.create_migration(package, url, message.strip()))
        except ValueError as error:
            raise SystemExit(str(error)) from error
    if path is None:
        print(f"Nothing was written: the migrations of {service} make the tables that it declares.")
    else:
        print(f"Wrote {path}: review it, and add what the comparison cannot find, such as triggers and moved rows.")


if __name__ == "__main__":
    main(*sys.argv[1:3] if len(sys.argv) > 2 else ("", ""))
