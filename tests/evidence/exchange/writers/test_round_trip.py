"""Import of an export returns the same records: in every format that is read, of every way of knowing."""

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from services.evidence.exchange.imports.work_parser import ParsedWork, parse_work
from services.evidence.exchange.readers.formats import detect_format
from services.evidence.exchange.readers.records import MAX_SNIFFED_BYTES, ReaderStart
from services.evidence.exchange.writers.exported_item import ExportedItem, PublishedItem
from services.evidence.exchange.writers.formats import FORMATS, FormatName
from services.evidence.library.items.attribution import public_details
from services.evidence.library.items.descriptions import description_adapter, detail_fields
from shared import clock
from shared.persistence.tables import new_id

READ: list[FormatName] = [name for name in FORMATS if name not in ("xlsx", "jsonld")]
TRAPS = [
    "TY  - JOUR",
    "ER  - ",
    "%0 Book",
    "PMID- 1\n\nPMID- 2",
    "} @article{x, title={y}}",
    "\"quoted\", {braced} \\textbf{x} 100% $x_1^2$ ~ # & --- ``so''",
    "<script>alert(1)</script> p < 0.05 & more ]]> &amp; &lt;b&gt;",
    "=1+1",
    "'=1+1",
    '-5; "a"\n,b',
    "two\n\nparagraphs\n  indented\there",
    "impact:1:{}",
    "Łódź 養護 ñ \u2028 \u00a0x \U0001f600",
    "x, y; z and w",
]
printed = some.characters(exclude_categories=["Cs", "Cc", "Cn", "Co"])


def text(max_length: int) -> some.SearchStrategy[str]:
    free = some.text(
        some.one_of(printed, some.sampled_from("\n\t{}\\\"'&<>%$#_-=+@;,| ")), max_size=min(max_length, 60)
    )
    return some.one_of(free, some.sampled_from(TRAPS)).map(lambda value: value[:max_length].strip())


filled_text = text(300).filter(bool)
line = filled_text.map(lambda value: value[:300])
date = some.sampled_from(["1999", "2021-05", "2021-05-04", None])
common: dict[str, some.SearchStrategy[Any]] = {
    "title": filled_text,
    "summary": text(2_000),
    "country": some.sampled_from([None, "GB", "GB-NIR"]),
    "language": some.sampled_from(["en", "cy", "pt-BR"]),
}
identifier = some.sampled_from(
    [
        {"scheme": "doi", "value": "10.5555/a_(b)<c>;2-%23"},
        {"scheme": "pmid", "value": "123456"},
        {"scheme": "pmcid", "value": "PMC12345"},
        {"scheme": "isbn", "value": "9780306406157"},
        {"scheme": "issn", "value": "1234-567X"},
        {"scheme": "wos", "value": "WOS:000123456789012"},
    ]
)
research = some.fixed_dictionaries(
    {
        **common,
        "way_of_knowing": some.just("research"),
        "setting": some.none() | filled_text.map(lambda value: value[:100]),
        "kind": some.sampled_from(["journal_article", "book", "chapter", "report", "thesis", "web_page", "other"]),
        "design": some.sampled_from([None, "qualitative", "review"]),
        "authors": some.lists(line, max_size=4),
        "editors": some.lists(line, max_size=2),
        "published_in": some.none() | line,
        "published_on": date,
        "volume": some.none() | line,
        "issue": some.none() | line,
        "pages": some.sampled_from([None, "1-9", "e12", "12, 14-16", "S3\u2013S9"]) | line,
        "publisher": some.none() | line,
        "keywords": some.lists(line, max_size=3),
        "identifiers": some.lists(identifier, max_size=3, unique_by=lambda identifier: identifier["scheme"]),
        "url": some.sampled_from([None, "https://example.org/a?b={c}&d=%20#e"]),
        "participants": some.sampled_from([None, 0, 412]),
        "period": some.sampled_from([None, {"from": "2018"}, {"from": "2018", "to": "2019-06"}]),
        "involvement": some.none() | filled_text,
    }
)
account = some.fixed_dictionaries(
    {
        **common,
        "way_of_knowing": some.just("lived_experience"),
        "account": filled_text,
        "speaks_as": some.sampled_from(["unpaid_carer", "someone_else"]),
        "service": some.none() | line,
        "consent": some.one_of(
            some.just({"to_publish": True, "attribution": "anonymous"}),
            line.map(lambda name: {"to_publish": True, "attribution": "first_name", "name": name[:100].strip()}),
        ),
    }
)
practice = some.fixed_dictionaries(
    {
        **common,
        "way_of_knowing": some.just("practice_knowledge"),
        "setting": filled_text.map(lambda value: value[:100].strip()),
        "role": line,
        "what_was_done": filled_text,
        "what_happened": text(500),
        "what_it_needs": text(500),
        "credit": some.none() | line.map(lambda name: {"attribution": "person", "name": name[:100].strip()}),
    }
)
TOPICS = ["Breaks for carers", 'Pay; conditions & "rest"']


def export_item(payload: dict[str, Any]) -> ExportedItem:
    description = description_adapter.validate_python(payload)
    now = clock.now()
    row = PublishedItem(
        id=new_id(),
        **{name: getattr(description, name) for name in ("way_of_knowing", "title", "summary", "country", "setting")},
        language=description.language,
        details=detail_fields(description),
        topic_names=TOPICS,
        published_at=now,
        updated_at=now,
        retraction={"nature": "retraction", "on": "2023-04-11", "reasons": ["impact:1:{"], "source": "A list"},
    )
    return ExportedItem.of(row, "https://impact.example")


def import_back(name: FormatName, items: list[ExportedItem]) -> list[ParsedWork | str]:
    """Return what an import makes of a file of these items. The format is detected from the content."""
    export_format = FORMATS[name]
    content = export_format.prefix + export_format.write_page(items, first=True) + export_format.suffix
    beginning = content[:MAX_SNIFFED_BYTES]
    source_format = detect_format(beginning)
    reader = source_format.create_reader(ReaderStart(beginning))
    records = [record for begin in range(0, len(content), 700) for record in reader.feed(content[begin : begin + 700])]
    records += reader.finish()
    assert reader.unparsed_lines == 0
    return [parse_work(record, source_format.parse_fields(record.fields)) for record in records]


def fields_of_export(item: ExportedItem) -> dict[str, Any]:
    names = ("way_of_knowing", "title", "summary", "country", "setting", "language")
    fields = {name: getattr(item, name) for name in names}
    return {**fields, "id": item.id, "details": dict(item.details), "topics": item.topics}


def fields_of_import(work: ParsedWork | str) -> dict[str, Any]:
    assert isinstance(work, ParsedWork), work
    description = work.description
    names = ("way_of_knowing", "title", "summary", "country", "setting", "language")
    fields = {name: getattr(description, name) for name in names}
    details = public_details(description.way_of_knowing, detail_fields(description))
    return {**fields, "id": str(work.item_id), "details": details, "topics": list(work.topics)}


@pytest.mark.parametrize("name", READ)
@example(payloads=[{"way_of_knowing": "research", "title": trap, "summary": trap} for trap in TRAPS])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(payloads=some.lists(some.one_of(research, account, practice), min_size=1, max_size=3))
def test_whatever_is_exported_comes_back_as_it_was(name: FormatName, payloads: list[dict[str, Any]]) -> None:
    items = [export_item(payload) for payload in payloads]
    assert [fields_of_import(work) for work in import_back(name, items)] == [fields_of_export(item) for item in items]
