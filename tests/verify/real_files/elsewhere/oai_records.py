"""Print what an OAI-PMH harvester finds: oai_records.py URL PREFIX."""
# pyright: basic, reportMissingImports=false

import json
import sys

from oaipmh_scythe import Scythe

with Scythe(sys.argv[1]) as scythe:
    records = scythe.list_records(metadata_prefix=sys.argv[2])
    print(
        json.dumps(
            [
                {
                    "id": record.header.identifier.rpartition(":")[2],
                    "deleted": record.deleted,
                    "metadata": None if record.deleted else record.metadata,
                }
                for record in records
            ]
        )
    )
