"""Print what elifetools reads in a file of JATS: jats_records.py FILE."""
# pyright: basic, reportMissingImports=false

import json
import sys
from collections.abc import Iterator
from typing import Any

from elifetools import parseJATS
from elifetools.utils import node_text
from lxml import etree

MARK = "impact:1:"
PARTS = ("surname", "given-names", "suffix")


def records(file: str) -> Iterator[dict[str, Any]]:
    for element in etree.parse(file).getroot():
        article = parseJATS.parse_xml(etree.tostring(element, encoding="unicode"))
        yield {
            "id": id_of(article),
            "title": parseJATS.title(article),
            "authors": [name_of(tag, article) for tag in parseJATS.raw_parser.authors(article)],
            "year": next((date["year"] for date in parseJATS.pub_dates(article)), ""),
            "container": parseJATS.journal_title(article) or "",
            "volume": parseJATS.volume(article) or "",
            "issue": parseJATS.issue(article) or "",
            "pages": "-".join(filter(None, (parseJATS.fpage(article), parseJATS.lpage(article)))),
            "doi": parseJATS.doi(article) or "",
            "abstract": parseJATS.abstract(article) or "",
            "keywords": parseJATS.keywords(article),
            "publisher": parseJATS.publisher(article) or "",
            "url": parseJATS.self_uri(article)[0]["xlink_href"],
        }


def id_of(article: Any) -> str:
    notes = [meta.find("meta-value").text for meta in parseJATS.full_custom_meta(article)]
    return next(json.loads(note.removeprefix(MARK))["id"] for note in notes if note.startswith(MARK))


def name_of(author: Any, article: Any) -> list[str]:
    """Return the parts of a name. One in one piece is an organisation's, or a person's in their own order."""
    name = parseJATS.format_contributor(author, article)
    whole = name.get("collab") or "".join(map(node_text, parseJATS.raw_parser.string_name(author)))
    return [whole, "", ""] if whole else [name.get(part, "") for part in PARTS]


print(json.dumps(list(records(sys.argv[1]))))
