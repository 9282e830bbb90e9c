"""Print what pybtex reads in a file of BibTeX: pybtex_records.py FILE."""
# pyright: basic, reportMissingImports=false

import json
import sys

from bibtex_fields import decode, record_of
from pybtex.database import Person
from pybtex.database.input.bibtex import Parser
from pybtex.richtext import Text


def plain(text: str) -> str:
    return decode(text, lambda tex: str(Text.from_latex(tex)))


def name_of(person: Person) -> list[str]:
    family = [*person.prelast_names, *person.last_names]
    parts = (family, [*person.first_names, *person.middle_names], person.lineage_names)
    return [plain(" ".join(words)) for words in parts]


entries = Parser().parse_file(sys.argv[1]).entries.values()
print(
    json.dumps(
        [
            record_of(entry.fields, plain)
            | {"authors": [name_of(person) for person in entry.persons.get("author", [])]}
            for entry in entries
        ]
    )
)
