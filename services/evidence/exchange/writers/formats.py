"""The formats of exports, by name."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from services.evidence.exchange.writers import bibtex, csl, jats, jsonld, pubmed_xml, spreadsheets, tagged
from services.evidence.exchange.writers.exported_item import ExportedItem

FormatName = Literal["ris", "bibtex", "csl-json", "csv", "xlsx", "jsonld", "nbib", "pubmed-xml", "jats", "endnote"]
_XML_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """How items are written one after another."""

    media_type: str
    extension: str
    write_item: Callable[[ExportedItem], bytes]
    prefix: bytes = b""
    separator: bytes = b""
    suffix: bytes = b""

    def write_page(self, items: Iterable[ExportedItem], *, first: bool) -> bytes:
        """Return these items, with a separator before them unless they are the `first` of the file."""
        content = self.separator.join(map(self.write_item, items))
        return content if first or not content else self.separator + content


def _json(to_object: Callable[[ExportedItem], dict[str, Any]]) -> Callable[[ExportedItem], bytes]:
    return lambda item: orjson.dumps(to_object(item))


XLSX = ExportFormat("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", spreadsheets.write_row)
"""Written as a whole into a file: see `spreadsheets.ItemWorkbook`."""
FORMATS: Mapping[FormatName, ExportFormat] = {
    "ris": ExportFormat("application/x-research-info-systems", "ris", tagged.write_ris),
    "bibtex": ExportFormat("application/x-bibtex", "bib", bibtex.write_entry),
    "csl-json": ExportFormat(
        "application/vnd.citationstyles.csl+json", "json", _json(csl.entry_of), b"[\n", b",\n", b"\n]\n"
    ),
    "csv": ExportFormat(
        "text/csv; charset=utf-8; header=present", "csv", spreadsheets.write_row, spreadsheets.write_heading()
    ),
    "xlsx": XLSX,
    "jsonld": ExportFormat(
        "application/ld+json",
        "jsonld",
        _json(jsonld.node_of),
        b'{"@context":' + orjson.dumps(jsonld.CONTEXT) + b',"@graph":[\n',
        b",\n",
        b"\n]}\n",
    ),
    "nbib": ExportFormat("application/nbib", "nbib", tagged.write_medline),
    "pubmed-xml": ExportFormat(
        "application/xml",
        "xml",
        pubmed_xml.write_article,
        _XML_DECLARATION + b"<PubmedArticleSet>\n",
        b"",
        b"</PubmedArticleSet>\n",
    ),
    "jats": ExportFormat(
        "application/xml",
        "xml",
        jats.write_article,
        _XML_DECLARATION + b"<pmc-articleset>\n",
        b"",
        b"</pmc-articleset>\n",
    ),
    "endnote": ExportFormat("application/x-endnote-refer", "enw", tagged.write_endnote),
}
