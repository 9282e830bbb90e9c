from services.evidence.exchange.imports.research_parser import parse_research
from services.evidence.exchange.readers.records import ReaderStart, SourceRecord
from services.evidence.exchange.readers.tagged import ris
from services.evidence.library.items.descriptions import Research
from tests.evidence.world import data


def record_of(text: str) -> SourceRecord:
    reader = ris.create_reader(ReaderStart())
    return [*reader.feed(text.encode()), *reader.finish()][0]


def understood(text: str) -> Research | str:
    record = record_of(text)
    return parse_research(record, ris.parse_fields(record.fields))


def work_of(text: str) -> Research:
    work = understood(f"TY  - JOUR\nTI  - A title\n{text}\nER  -\n")
    assert isinstance(work, Research), work
    return work


def test_the_year_of_publication_decides_and_a_date_of_that_year_says_more() -> None:
    assert work_of("DA  - 2012/07/03\nPY  - 2012").published_on == "2012-07-03"
    assert work_of("PY  - 2011\nDA  - 2012/07/03").published_on == "2011"
    assert work_of("Y1  - 2006//").published_on == "2006"
    assert work_of("PY  - 10 15").published_on is None


def test_a_record_without_a_title_is_refused_with_the_reason() -> None:
    assert understood("TY  - JOUR\nDO  - 10.5555/x\nER  -\n") == "It has no title."


def test_a_title_that_is_far_too_long_is_refused_with_the_reason() -> None:
    refused = understood(f"TY  - JOUR\nTI  - {'x' * 1001}\nER  -\n")
    assert isinstance(refused, str)
    assert refused.startswith("title: ")


def test_everything_that_a_record_says_finds_its_field() -> None:
    work = understood(
        "TY  - CHAP\nT1  - Breaks\nA1  - Okoro, Ada\nAU  - Lind, Bo\nA2  - Marsh, Cy\nT2  - The book\nVL  - 3\n"
        "IS  - 2\nSP  - 10\nEP  - 19\nPB  - A press\nKW  - carers\nKW  - breaks\nKW  - carers\nLA  - English\n"
        "DO  - http://dx.doi.org/10.5555/X\nSN  - 978-3-030-58167-1\nUR  - see https://example.org/a; b\n"
        "N2  - Some words\nPY  - 2020//\nER  - \n"
    )
    assert isinstance(work, Research)
    assert work.model_dump(exclude_defaults=True, mode="json") == {
        "way_of_knowing": "research",
        "title": "Breaks",
        "summary": "Some words",
        "kind": "chapter",
        "authors": ["Okoro, Ada", "Lind, Bo"],
        "editors": ["Marsh, Cy"],
        "published_in": "The book",
        "published_on": "2020",
        "volume": "3",
        "issue": "2",
        "pages": "10-19",
        "publisher": "A press",
        "keywords": ["carers", "breaks"],
        "identifiers": [{"scheme": "doi", "value": "10.5555/x"}, {"scheme": "isbn", "value": "9783030581671"}],
        "url": "https://example.org/a",
    }


def test_the_number_of_an_indexing_service_counts_only_where_it_is_one() -> None:
    assert [i.scheme for i in work_of("AN  - 21553931\nDP  - NLM").identifiers] == ["pmid"]
    assert work_of("AN  - 2214991469; 51887\nDB  - Some other database").identifiers == []
    assert [i.value for i in work_of("L2  - https://pubmed.ncbi.nlm.nih.gov/22752652/").identifiers] == ["22752652"]


def test_a_real_record_is_read_field_by_field() -> None:
    reader = ris.create_reader(ReaderStart())
    records = [*reader.feed(data("asreview", "tests", "demo_data", "scopus.ris").read_bytes()), *reader.finish()]
    work = parse_research(records[0], ris.parse_fields(records[0].fields))
    assert isinstance(work, Research)
    assert work.title.startswith("Stress and the brain-gut axis in functional and chronic-inflammatory")
    assert work.authors == ["Labanski, A.", "Langhorst, J.", "Engler, H.", "Elsenbruch, S."]
    assert (work.published_in, work.volume, work.published_on) == ("Psychoneuroendocrinology", "111", "2020")
    assert {(i.scheme, i.value) for i in work.identifiers} == {
        ("doi", "10.1016/j.psyneuen.2019.104501"),
        ("issn", "0306-4530"),
    }
