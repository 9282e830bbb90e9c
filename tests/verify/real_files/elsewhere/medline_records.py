"""Print what Biopython reads in a file of MEDLINE: medline_records.py FILE."""
# pyright: basic, reportMissingImports=false

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from Bio import Medline

MARK = "impact:1:"
LISTS = ("FAU", "CN", "OT", "GN")
TEXTS = {
    "title": "TI",
    "container": "JT",
    "volume": "VI",
    "issue": "IP",
    "pages": "PG",
    "abstract": "AB",
    "publisher": "PB",
    "url": "URL",
}


def records(file: Path) -> Iterator[dict[str, Any]]:
    with file.open(encoding="utf-8") as stream:
        for lines in Medline.parse(stream):
            # Tags that it does not know are lists.
            record = {tag: value if tag in LISTS else "".join(value) for tag, value in lines.items()}
            extension = next(note for note in record["GN"] if note.startswith(MARK))
            yield {
                **{name: record.get(tag, "") for name, tag in TEXTS.items()},
                "id": json.loads(extension.removeprefix(MARK))["id"],
                "authors": [*record.get("FAU", []), *record.get("CN", [])],
                "year": record.get("DP", "")[:4],
                "doi": record.get("LID", "").removesuffix(" [doi]"),
                "keywords": record.get("OT", []),
            }


print(json.dumps(list(records(Path(sys.argv[1])))))
