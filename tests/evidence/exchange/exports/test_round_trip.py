"""Import of an export returns the same records: in every format that is read, of every way of knowing."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from services.evidence.exchange.imports.work_parser import ParsedWork, parse_work
from services.evidence.exchange.readers import formats as incoming
from services.evidence.exchange.readers.records import MAX_SNIFFED_BYTES, ReaderStart
from services.evidence.exchange.writers.exported_item import Exported, exported
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


def text(most: int) -> some.SearchStrategy[str]:
    free = some.text(some.one_of(printed, some.sampled_from("\n\t{}\\\"'&<>%$#_-=+@;,| ")), max_size=min(most, 60))
    return some.one_of(free, some.sampled_from(TRAPS)).map(lambda each: each[:most].strip())


words = text(300).filter(bool)
line = words.map(lambda each: each[:300])
date = some.sampled_from(["1999", "2021-05", "2021-05-04", None])
common: dict[str, some.SearchStrategy[Any]] = {
    "title": words,
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
        "setting": some.none() | words.map(lambda each: each[:100]),
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
        "identifiers": some.lists(identifier, max_size=3, unique_by=lambda one: one["scheme"]),
        "url": some.sampled_from([None, "https://example.org/a?b={c}&d=%20#e"]),
        "participants": some.sampled_from([None, 0, 412]),
        "period": some.sampled_from([None, {"from": "2018"}, {"from": "2018", "to": "2019-06"}]),
        "involvement": some.none() | words,
    }
)
account = some.fixed_dictionaries(
    {
        **common,
        "way_of_knowing": some.just("lived_experience"),
        "account": words,
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
        "setting": words.map(lambda each: each[:100].strip()),
        "role": line,
        "what_was_done": words,
        "what_happened": text(500),
        "what_it_needs": text(500),
        "credit": some.none() | line.map(lambda name: {"attribution": "person", "name": name[:100].strip()}),
    }
)
TOPICS = ["Breaks for carers", 'Pay; conditions & "rest"']


def leaving(told: dict[str, Any]) -> Exported:
    description = description_adapter.validate_python(told)
    row = SimpleNamespace(
        id=new_id(),
        **{name: getattr(description, name) for name in ("way_of_knowing", "title", "summary", "country", "setting")},
        language=description.language,
        details=detail_fields(description),
        topic_names=TOPICS,
        published_at=clock.now(),
        retraction={"nature": "retraction", "on": "2023-04-11", "reasons": ["impact:1:{"], "source": "A list"},
    )
    return exported(row, "https://impact.example")


def come_back(name: FormatName, items: list[Exported]) -> list[ParsedWork | str]:
    """What an import of the file makes of it. The format is told by the content."""
    form = FORMATS[name]
    content = form.before + form.write(items, first=True) + form.after
    beginning = content[:MAX_SNIFFED_BYTES]
    format = incoming.detect_format(beginning)
    reader = format.create_reader(ReaderStart(beginning))
    records = [record for begin in range(0, len(content), 700) for record in reader.feed(content[begin : begin + 700])]
    records += reader.finish()
    assert reader.unparsed_lines == 0
    return [parse_work(record, format.parse_fields(record.fields)) for record in records]


def said_by(item: Exported) -> dict[str, Any]:
    names = ("way_of_knowing", "title", "summary", "country", "setting", "language")
    said = {name: getattr(item, name) for name in names}
    return {**said, "id": item.id, "own": dict(item.own), "topics": item.topics}


def said_in(understood: ParsedWork | str) -> dict[str, Any]:
    assert isinstance(understood, ParsedWork), understood
    description = understood.description
    names = ("way_of_knowing", "title", "summary", "country", "setting", "language")
    said = {name: getattr(description, name) for name in names}
    own = public_details(description.way_of_knowing, detail_fields(description))
    return {**said, "id": str(understood.item_id), "own": own, "topics": list(understood.topics)}


@pytest.mark.parametrize("name", READ)
@example(told=[{"way_of_knowing": "research", "title": trap, "summary": trap} for trap in TRAPS])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(told=some.lists(some.one_of(research, account, practice), min_size=1, max_size=3))
def test_whatever_is_exported_comes_back_as_it_was(name: FormatName, told: list[dict[str, Any]]) -> None:
    items = [leaving(each) for each in told]
    assert [said_in(each) for each in come_back(name, items)] == [said_by(item) for item in items]
