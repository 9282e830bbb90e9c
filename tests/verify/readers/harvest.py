"""Print the titles that an OAI-PMH harvester finds in Dublin Core, as JSON: harvest.py URL SET."""
# pyright: basic, reportMissingImports=false

import json
import sys

from oaipmh_scythe import Scythe

with Scythe(sys.argv[1]) as scythe:
    records = scythe.list_records(metadata_prefix="oai_dc", set_=sys.argv[2])
    print(json.dumps([record.metadata["title"][0] for record in records]))
