"""Print the titles that Biopython reads in a file of MEDLINE, as JSON: medline.py FILE."""
# pyright: basic, reportMissingImports=false

import json
import sys
from pathlib import Path

from Bio import Medline

with Path(sys.argv[1]).open(encoding="utf-8") as file:
    print(json.dumps([record["TI"] for record in Medline.parse(file)]))
