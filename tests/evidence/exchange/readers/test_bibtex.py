import random
from typing import cast

import pytest
from pylatexenc.latex2text import LatexNodes2Text

from services.evidence.exchange.readers.bibtex import context, latex
from services.evidence.exchange.readers.bibtex.reader import create_reader, file_header
from services.evidence.exchange.readers.records import ReaderStart
from tests.evidence.exchange.file_reader import work_of, works_of

WORDS = (
    *(r"\&", r"\%", r"\_", r"\#", r"\$", r"\{", r"\}", r"\'e", r"{\'e}", r"\"{o}", r"\c{c}", r"\~n", r"\'{\i}"),
    *(r"\v{s}", r"\textbackslash{}", r"\emph{much}", "$x$", "~", "--", "''", "``", "?`", "{ab}", "&", "#", "\\\\"),
    *("care", "é", "\u2019", " ", "  ", "\n", "'", "`", "!", "-", "<", ">", "^", "|", "@", "(", ")", "1"),
)
"""But for a bare %, behind which LaTeX leaves everything as it is: in BibTeX it begins no comment."""


def by_latex_alone(text: str) -> str:
    converter = LatexNodes2Text(math_mode="verbatim", keep_comments=True, strict_latex_spaces=False)
    return cast("str", converter.latex_to_text(latex.math_as_words(text))).replace("{", "").replace("}", "")


@pytest.mark.parametrize("seed", range(20))
def test_the_quick_way_with_plain_escapes_and_accents_says_what_latex_says(seed: int) -> None:
    chance = random.Random(seed)
    texts = ["".join(chance.choices(WORDS, k=chance.randint(1, 12))) + r"\&x" for _ in range(50)]
    for text in texts:
        assert latex.strip_latex(text) == by_latex_alone(text), text


def test_a_long_text_with_plain_escapes_is_read_past_latex(monkeypatch: pytest.MonkeyPatch) -> None:
    assert latex.strip_latex(r"Caf{\'e}") == "Café"  # one accent is LaTeX's, and then remembered
    monkeypatch.setattr(latex, "_latex", None)
    assert latex.strip_latex(r"100\% of carers \& staff at Caf{\'e} No\_1 " * 1_000).startswith(
        "100% of carers & staff at Caf"
    )


CHILD = "@incollection{tide, title={On tides}, author={Okoro, Ada}, crossref={Shore}, pages={3--9}}\n"
PARENT = (
    "@book{shore, title={The shore}, subtitle={a reader}, editor={Lind, Bo}, year=2015, publisher={A press},\n"
    " doi={10.5555/shore}, abstract={Of the whole.}, xdata={press, series}}\n"
)
XDATA = "@xdata{series, series={Coasts}}\n@xdata{press, publisher={Another press}, isbn={978-3-030-58167-1}}\n"


@pytest.mark.parametrize("text", [CHILD + PARENT + XDATA, XDATA + PARENT + CHILD], ids=["behind", "before"])
def test_a_chapter_inherits_from_its_book_wherever_that_stands(text: str) -> None:
    works = {work["title"]: work for work in works_of(text)}
    assert set(works) == {"On tides", "The shore: a reader"}, "xdata is no work"
    assert works["On tides"] == {
        "title": "On tides",
        "kind": "chapter",
        "authors": ["Okoro, Ada"],
        "editors": ["Lind, Bo"],
        "published_in": "The shore: a reader",
        "published_on": "2015",
        "pages": "3-9",
        "publisher": "A press",
        "identifiers": ["isbn:9783030581671"],
    }
    assert works["The shore: a reader"]["published_in"] == "Coasts"


def test_what_stands_far_behind_or_in_another_chunk_is_inherited() -> None:
    content = (CHILD + "@comment{" + "x" * 100_000 + "}\n" + PARENT + "@string{later = {Later}}\n").encode()
    collector = context.BibtexContextCollector()
    for begin in range(0, len(content), 1_000):
        collector.feed(content[begin : begin + 1_000])
    collected = collector.finish()
    assert b"x" * 100 not in collected
    for size in (1_000, len(content)):
        reader = create_reader(ReaderStart(content[:65_536], context=collected))
        chunks = (content[begin : begin + size] for begin in range(0, len(content), size))
        records = [record for chunk in chunks for record in reader.feed(chunk)] + list(reader.finish())
        assert [record.fields.get("publisher") for record in records] == ["A press", "A press"]


def test_entries_that_refer_to_one_another_or_to_nothing_are_read() -> None:
    text = (
        "@book{a, title={One}, crossref={b}}\n@book{b, title={Two}, crossref={a}}\n"
        "@book{c, title={Three}, crossref={d}}"
    )
    assert [work["title"] for work in works_of(text)] == ["One", "Two", "Three"]
    assert [work["title"] for work in works_of("@book{a, title={One}, crossref={a}}")] == ["One"]


def test_an_abbreviation_may_hold_braces_and_others_and_stand_anywhere() -> None:
    text = (
        '@string{care = "Care {I}nvented"}\n@STRING(sea = care # { by the sea})\n@string{j:c+s = {Shores}}\n'
        "@article{a, title={Breaks}, journal=sea}\n@article{b, title={Quays}, journal=j:c+s # {: } # late}\n"
        "@string{late = {late}}\n"
    )
    assert [work["published_in"] for work in works_of(text)] == ["Care Invented by the sea", "Shores: late"]
    assert (
        works_of(file_header(text.encode()).decode() + "@article{a, title={Breaks}, journal=sea}") == works_of(text)[:1]
    )


@pytest.mark.parametrize(
    "text",
    [
        "@article{a, title={Breaks {by} the sea} author={Okoro, Ada}, year={2014}}",
        '@article{a,\n title = "Breaks by the sea"\n author = {Okoro, Ada}\n year = 2014\n}',
        "@article{a title={Breaks by the sea}, author={Okoro, Ada}, year={2014}}",
        "@article{a, year=2014 title={Breaks by the sea}, author={Okoro, Ada}}",
    ],
)
def test_a_missing_comma_costs_nothing(text: str) -> None:
    assert work_of(text) == {
        "title": "Breaks by the sea",
        "kind": "journal_article",
        "authors": ["Okoro, Ada"],
        "published_on": "2014",
    }


def test_what_looks_like_a_field_within_a_value_is_none() -> None:
    text = "@article{a, title={Breaks}, abstract={With {p} year = 3 and {n} = {5}}}"
    assert work_of(text)["summary"] == "With p year = 3 and n = 5"


@pytest.mark.parametrize(
    ("fields", "name", "value"),
    [
        ("subtitle={a survey}", "title", "Breaks: a survey"),
        ("subtitle={breaks}", "title", "Breaks"),
        ("journaltitle={Care}, journalsubtitle={Invented}", "published_in", "Care: Invented"),
        ("eprint={90000007}, eprinttype={pubmed}", "identifiers", ["pmid:90000007"]),
        ("eprint={PMC9000007}, eprinttype={pmc}", "identifiers", ["pmcid:PMC9000007"]),
        ("eprint={1401.0001}, archivePrefix={arXiv}", "url", "https://arxiv.org/abs/1401.0001"),
        ("eid={e77}", "pages", "e77"),
        ("doi={None}, note={doi: 10.5555/sea}", "identifiers", ["doi:10.5555/sea"]),
        ("doi={}, url={https://example.org/doi/full/10.5555/sea}", "identifiers", ["doi:10.5555/sea"]),
        ("volume={NA}", "volume", None),
    ],
)
def test_fields_of_biblatex_are_read(fields: str, name: str, value: object) -> None:
    assert work_of(f"@article{{a, title={{Breaks}}, {fields}}}").get(name) == value


def test_a_whole_book_is_not_in_itself() -> None:
    assert work_of("@book{a, title={Breaks}, booktitle={Breaks}}") == {"title": "Breaks", "kind": "book"}
    assert work_of("@proceedings{a, booktitle={Proceedings of tides}}") == {
        "title": "Proceedings of tides",
        "kind": "book",
    }


@pytest.mark.parametrize(
    ("written", "words"),
    [
        (r"People aged $\geq$65", "People aged ≥65"),
        (r"H$_2$O and CO$_{2}$", "H₂O and CO₂"),
        (r"The 2$^{\textrm{nd}}$ wave of $10^{-3}$", "The 2nd wave of 10⁻³"),
        (r"$\alpha$ and $x_i^2$, $p < 0.05$, \(n=20\)", "\u03b1 and x_i², p < 0.05, n=20"),
        (r"Costs of $5 to $10 a day, and \$5", "Costs of $5 to $10 a day, and $5"),
        (r"A price of $5", "A price of $5"),
        (r"Between $5 and US$10", "Between $5 and US$10"),
        (r"The $p$-value of $\mathbf{x}$", "The p-value of x"),
    ],
)
def test_simple_mathematics_is_words(written: str, words: str) -> None:
    assert latex.strip_latex(written) == words


def test_names_in_parts_are_put_together() -> None:
    text = "@book{a, title={Breaks}, author={family=Okoro, given={Ada, B.}, prefix=van der and given=Bo, family=Lind}}"
    assert work_of(text)["authors"] == ["van der Okoro, Ada, B.", "Lind, Bo"]
