"""Print what bibtexparser 1 reads in a file of BibTeX: bibtexparser_records.py FILE."""
# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false

import json
import re
import sys
from pathlib import Path

import bibtexparser
from bibtex_fields import decode, record_of
from bibtexparser.bparser import BibTexParser
from bibtexparser.customization import splitname
from bibtexparser.latexenc import latex_to_unicode

NO_BRACES = str.maketrans("", "", "{}")


def plain(text: str) -> str:
    # It takes the beginning of a quotation, 'n, for the letter \u0149.
    return decode(text, lambda tex: latex_to_unicode(tex).replace("\u0149", "'n").translate(NO_BRACES))


def authors_of(field: str) -> list[str]:
    """Split at ` and ` outside braces, which bibtexparser leaves to others."""
    names, depth, begin = [], 0, 0
    for token in re.finditer(r"[{}]| and ", field):
        if token[0] != " and ":
            depth += 1 if token[0] == "{" else -1
        elif not depth:
            names.append(field[begin : token.start()])
            begin = token.end()
    return [name for name in (*names, field[begin:]) if name]


def name_of(author: str) -> list[str]:
    name = splitname(author)
    return [plain(" ".join(words)) for words in ([*name["von"], *name["last"]], name["first"], name["jr"])]


parser = BibTexParser(ignore_nonstandard_types=False, common_strings=True)
entries = bibtexparser.loads(Path(sys.argv[1]).read_text(encoding="utf-8"), parser).entries
print(
    json.dumps(
        [
            record_of(entry, plain) | {"authors": [name_of(author) for author in authors_of(entry.get("author", ""))]}
            for entry in entries
        ]
    )
)
