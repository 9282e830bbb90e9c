"""What real files hold rarely, and readers stumble over: in every field that a person may fill."""

from typing import Any

TEXTS = (
    "TY  - JOUR",
    "ER  - ",
    "%0 Book",
    "PMID- 1",
    "} @article{x, title={y}}",
    "{ an opening brace, and } } two closing ones {",
    '"Quoted", {braced} 100% $x_1^2$ ~ # & --- so @home \\n \\alpha',
    "<script>alert(1)</script> p < 0.05 & more ]]> &amp; &lt;b&gt;",
    "=1+1",
    "+44 20 7946 0000",
    "@SUM(A1)",
    '-5; "a", b',
    "Łódź 養護 ñ \U0001f600 zero\u200bwidth \u2028 line \ufeff mark",
    "x, y; z and w",
    "Two\n\nparagraphs\n  indented\there, \\\\ and ?` !` `` '' ,, << >>",
    "007",
    "_x0041_ and \ufffd",
    "impact:1:{}",
    "vertical\x0btab, next\x85line, unit\x1fseparator, bell\x07, \ufffe and \uffff",
)
NAMES = (
    "Smith, Jr., John A.",
    "Smith, John A., Jr.",
    "Smith, John A. III",
    "van der Berg, Jan",
    "de la Cruz Ramos, María-José",
    "O'Brien, Ó.",
    "Plato",
    "World Health Organization",
    "Department of Health, Social Services and Public Safety",
    "Department of Health, Social Services and Public Safety, Northern Ireland",
    "Marks and Spencer Research Group",
    "Sound and Vision, A.",
    "Acme Care, Ltd.",
    "{Braced}, B.",
    "One } brace, C.",
    "Semicolon; Comma, D.",
    "others",
)


def _research(title: str, **fields: Any) -> dict[str, Any]:
    return {"way_of_knowing": "research", "kind": "journal_article", "title": title, **fields}


ODDITIES: list[dict[str, Any]] = [
    *(
        _research(
            text.strip(),
            summary=f"{text} in an abstract",
            authors=[f"{text}"[:300].strip()],
            published_in=f"Journal {text}".strip(),
            volume=text.strip(),
            issue="007",
            pages=f"e{text.strip()}",
            publisher=f"Press {text}".strip(),
            keywords=[text.strip(), "second, with a comma"],
            published_on="2019-02",
            url="https://example.org/a?b={c}&d=%20#e",
        )
        for text in TEXTS
    ),
    _research("Names of every kind", authors=list(NAMES), editors=list(NAMES[:4]), published_on="2019"),
    _research("Nothing but a title"),
    _research("A long abstract", summary="word " * 9_000),
    _research("A long abstract of \U0001f600", summary="\U0001f600 " * 20_000),
    {
        "way_of_knowing": "practice_knowledge",
        "title": "What an organisation did",
        "setting": "council team",
        "role": "social worker",
        "what_was_done": "One number.",
        "summary": "What it did.",
        "credit": {"attribution": "organisation", "name": "Invented Council"},
    },
    {
        "way_of_knowing": "practice_knowledge",
        "title": "What nobody is named for",
        "setting": "council team",
        "role": "social worker",
        "what_was_done": "Another number.",
        "summary": "What was done.",
    },
]
