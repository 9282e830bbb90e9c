from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.library.works.duplicates import rules
from services.evidence.library.works.duplicates.blocking_keys import keys_of
from services.evidence.library.works.duplicates.features import have_different_titles, not_surely_different
from services.evidence.library.works.duplicates.works import ComparedTitle, Work
from shared.persistence.tables import new_id
from tests.evidence.library.works.duplicates.references import work

TRIAL: dict[str, Any] = {
    "title": "Regular breaks for unpaid carers: a randomised trial",
    "author": "Okoro, Ada and Lind, Bo and Marsh, Cy",
    "journal": "Health and Social Care in the Community",
    "year": "2019",
    "volume": "27",
    "number": "2",
    "pages": "301--315",
    "doi": "10.5555/hsc.1",
}


def judged(first: dict[str, Any], **other: Any) -> str:
    verdict = rules.compare(work(**first), work(**(first | other)))
    assert verdict == rules.compare(work(**(first | other)), work(**first))
    assert verdict.reasons
    return verdict.judgement


@pytest.mark.parametrize(
    "other",
    [
        {"doi": None, "journal": "Health Soc Care Community", "author": "A. Okoro; B. Lind; C. Marsh"},
        {"doi": None, "title": "REGULAR BREAKS FOR UNPAID CARERS: A RANDOMIZED TRIAL.", "pages": "301-15"},
        {
            "doi": None,
            "title": "Regular breaks for <i>unpaid</i> carers: a randomised trial [Erratum appears in 28(1)]",
        },
        {"doi": None, "title": "Regular breaks for unpaid carers"},
        {"doi": None, "volume": None, "number": None, "pages": None, "year": "2018"},
        {"doi": None, "author": "UNKNOWN"},
        {"doi": None, "author": "Quist, Ola and Lind, Bo and Marsh, Cy", "pages": None},
        {"doi": "https://doi.org/10.5555/HSC.1", "author": "Okoro", "journal": None, "year": None},
    ],
    ids=["abbreviated", "spelling", "marked", "no subtitle", "online first", "no authors", "most people", "same doi"],
)
def test_the_same_work_as_other_databases_have_it(other: dict[str, Any]) -> None:
    assert judged(TRIAL, **other) == "duplicate"


@pytest.mark.parametrize(
    "other",
    [
        {"doi": "10.5555/hsc.2", "pages": None},
        {"doi": None, "title": "Regular breaks for unpaid carers: a study protocol", "pages": "11"},
        {"doi": None, "title": "Reply to: Regular breaks for unpaid carers: a randomised trial", "pages": "400"},
        {"doi": None, "pages": "401--415"},
        {"doi": None, "volume": "31", "pages": "12", "year": "2023"},
        {"doi": None, "author": "Quist, Ola and Reed, Pat", "pages": None},
        {"doi": None, "author": "Quist, Ola and Lind, Bo", "pages": None},
        {"doi": None, "title": "Regular breaks for paid carers: a randomised trial"},
    ],
    ids=[
        "other doi",
        "protocol",
        "reply",
        "other page",
        "other volume",
        "other people",
        "half the people",
        "paid and unpaid",
    ],
)
def test_another_work_that_looks_alike(other: dict[str, Any]) -> None:
    assert judged(TRIAL, **other) == "different"


@pytest.mark.parametrize(
    "other",
    [
        {"doi": "10.31235/osf.io/abc", "journal": None, "volume": None, "number": None, "pages": None},
        {"doi": None, "ENTRYTYPE": "inproceedings", "journal": None, "booktitle": "Proceedings of a Care Congress"},
        {"doi": "10.2307/123456"},
    ],
    ids=["preprint", "conference paper", "two DOIs of one page"],
)
def test_what_a_person_has_to_look_at(other: dict[str, Any]) -> None:
    volume = {} if other.get("doi") == "10.2307/123456" else {"volume": None, "number": None, "pages": None}
    assert judged(TRIAL, **volume, **{name: value for name, value in other.items() if name not in volume}) == "maybe"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Living well with dementia, Part I", "Living well with dementia, Part II"),
        ("The state of adult social care 2019", "The state of adult social care 2020"),
        ("Inpatient care of older people in winter", "Outpatient care of older people in winter"),
        ("Prepandemic use of day centres by men", "Postpandemic use of day centres by men"),
        ("Support for men who care at home", "Support for women who care at home"),
    ],
)
def test_one_word_may_make_another_work(first: str, second: str) -> None:
    reference = {**TRIAL, "doi": None, "volume": None, "number": None, "pages": None}
    assert judged(reference | {"title": first}, title=second) == "different"


@pytest.mark.parametrize(("year", "expected"), [("2019", "maybe"), ("2018", "maybe"), ("2017", "different")])
def test_a_conference_paper_may_be_the_article_of_the_next_year_and_not_of_a_later_one(
    year: str, expected: str
) -> None:
    article = TRIAL | {"doi": None, "volume": None, "number": None, "pages": None}
    paper = {"ENTRYTYPE": "inproceedings", "journal": None, "booktitle": "Proceedings of a Care Congress", "year": year}
    assert judged(article, **paper) == expected


def test_a_short_title_says_nothing_by_itself() -> None:
    editorial = {"title": "Editorial", "journal": "British Journal of Social Work", "year": "2019"}
    assert judged(editorial, volume="3") == "different"
    assert judged(editorial | {"author": "Okoro, A."}) == "maybe"
    assert judged(editorial | {"volume": "49", "pages": "7"}) == "duplicate"


text = st.one_of(st.none(), st.text(max_size=30))


@given(
    st.text(max_size=60),
    st.text(max_size=60),
    st.fixed_dictionaries(dict.fromkeys(("published_in", "volume", "issue", "pages", "published_on"), text)),
    st.lists(st.text(max_size=20), max_size=4),
)
def test_any_reference_can_be_compared(
    title: str, other_title: str, details: dict[str, Any], authors: list[str]
) -> None:
    a, b = Work(title, details | {"authors": authors}), Work(other_title, {"authors": authors[::-1]})
    assert rules.compare(a, b) == rules.compare(b, a)
    assert len(keys_of(a)) <= 8
    assert all(-(2**63) <= key < 2**63 for key in keys_of(a))


def test_connected_works_are_one_group_of_a_limited_size() -> None:
    ids = sorted(new_id() for _ in range(rules.MAX_MEMBERS + 20))
    chain = [rules.pair(low, high) for low, high in pairwise(ids)]
    groups = rules.components(chain[:3] + chain[5:7])
    assert groups == [set(ids[:4]), set(ids[5:8])]
    assert max(len(group) for group in rules.components(chain)) <= rules.MAX_MEMBERS


TITLES = st.lists(st.sampled_from(["care", "cares", "carers", "of", "a", "b", "ab", "home", "support", ""])).map(
    " ".join
)


@given(TITLES, st.lists(TITLES, max_size=10))
def test_many_titles_are_told_apart_at_once_as_each_alone(title: str, others: list[str]) -> None:
    numbered = dict(enumerate(others))
    alone = {number for number, other in numbered.items() if not have_different_titles(title, other)}
    assert not_surely_different(title, numbered) == alone


def test_works_with_one_identifier_are_compared_whatever_their_titles() -> None:
    stored = ComparedTitle("day centres in wales", "doi:10.5555/a pmid:1")
    for identifiers, count in (("doi:10.5555/a", 1), ("pmid:1 wos:2", 1), ("doi:10.5555/b", 0), ("", 0)):
        compared = ComparedTitle("regular breaks for unpaid carers", identifiers)
        assert len(rules.possible_duplicates(compared, {new_id(): stored})) == count
