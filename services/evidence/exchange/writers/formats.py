"""The formats in which evidence leaves, by name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from services.evidence.exchange.writers import bibtex, csl, jsonld, spreadsheets, tagged, xml
from services.evidence.exchange.writers.exported_item import Exported

FormatName = Literal["ris", "bibtex", "csl-json", "csv", "xlsx", "jsonld", "nbib", "pubmed-xml", "jats", "endnote"]
_XML = b'<?xml version="1.0" encoding="utf-8"?>\n'


@dataclass(frozen=True, slots=True)
class Format:
    """How items are written one after another."""

    media_type: str
    extension: str
    one: Callable[[Exported], bytes]
    before: bytes = b""
    between: bytes = b""
    after: bytes = b""

    def write(self, items: Iterable[Exported], *, first: bool) -> bytes:
        """These items, which come after others unless `first`."""
        written = self.between.join(map(self.one, items))
        return written if first or not written else self.between + written


def _json(of: Callable[[Exported], dict[str, Any]]) -> Callable[[Exported], bytes]:
    return lambda item: orjson.dumps(of(item))


XLSX = Format("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", spreadsheets.row)
"""Written as a whole into a file: see `sheets.Workbook`."""
FORMATS: Mapping[FormatName, Format] = {
    "ris": Format("application/x-research-info-systems", "ris", tagged.ris),
    "bibtex": Format("application/x-bibtex", "bib", bibtex.bibtex),
    "csl-json": Format("application/vnd.citationstyles.csl+json", "json", _json(csl.csl), b"[\n", b",\n", b"\n]\n"),
    "csv": Format("text/csv; charset=utf-8; header=present", "csv", spreadsheets.row, spreadsheets.heading()),
    "xlsx": XLSX,
    "jsonld": Format(
        "application/ld+json",
        "jsonld",
        _json(jsonld.jsonld),
        b'{"@context":' + orjson.dumps(jsonld.CONTEXT) + b',"@graph":[\n',
        b",\n",
        b"\n]}\n",
    ),
    "nbib": Format("application/nbib", "nbib", tagged.nbib),
    "pubmed-xml": Format(
        "application/xml", "xml", xml.pubmed, _XML + b"<PubmedArticleSet>\n", b"", b"</PubmedArticleSet>\n"
    ),
    "jats": Format("application/xml", "xml", xml.jats, _XML + b"<pmc-articleset>\n", b"", b"</pmc-articleset>\n"),
    "endnote": Format("application/x-endnote-refer", "enw", tagged.endnote),
}
