"""How good an order is, and how fair, on labelled records.

nDCG: K. Jaervelin and J. Kekaelaeinen, Cumulated gain-based evaluation of IR techniques, ACM TOIS 20 (2002): the grade
is the gain, discounted by the logarithm of the place, divided by that of the best possible order.

Exposure ratio: after A. Singh and T. Joachims, Fairness of Exposure in Rankings, KDD 2018 (the exposure of a group is
the sum of its places, discounted by the logarithm) and A. Biega, K. Gummadi and G. Weikum, Equity of Attention, SIGIR
2018 (attention is to follow relevance: only places that hold something relevant count). Groups are the ways of knowing
that have something relevant among what the words find; how much of what is relevant they do not find is told beside it
(`recall`), and counts against the ratio in `strict_exposure`. What is due to a way: the ten places are dealt out
evenly, a way with fewer relevant records giving the rest to the others, so that twenty studies are not due more than
three accounts; its part of the places is the part that it is due of all attention. The ratio is that of the way that
is served worst: the attention it gets over what it is due; 1 is fair.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import mean

from services.evidence.discovery.search.index.layout import WAY_BITS, IndexEntry
from services.evidence.discovery.search.index.search_index import IndexPosition, SearchIndex
from services.evidence.discovery.search.index.search_request import SearchRequest
from services.evidence.discovery.search.query.query_parser import parse
from services.evidence.library.items.descriptions import WAYS
from shared.events.contracts.evidence import WayOfKnowing
from tests.evidence.world import data

AT = 10
DISCOUNTS = (1.0, 0.6309298, 0.5, 0.4306766, 0.3868528, 0.3562072, 0.3333333, 0.3154649, 0.3010300, 0.2890648)
"""How much the first ten places are looked at: 1 / log2(1 + rank), the discount of nDCG in the form of C. Burges and
others, Learning to Rank using Gradient Descent, ICML 2005. Written out, so that the search is not measured by its own
rule."""
_LETTERS: dict[str, WayOfKnowing] = {"r": "research", "l": "lived_experience", "p": "practice_knowledge"}
_HERE = Path(__file__).with_name("labelled")


@dataclass(frozen=True, slots=True)
class LabelledQuestion:
    """A question, and how relevant which records are to it."""

    text: str
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class QuestionMetrics:
    """One question: the gain by relevance alone and in balance; the exposure ratio of both."""

    question: LabelledQuestion
    plain: float
    balanced: float
    plain_exposure: float
    exposure: float
    strict_exposure: float
    recall: float

    @property
    def loss(self) -> float:
        return 1 - self.balanced / self.plain if self.plain else 0.0


def entries() -> list[IndexEntry]:
    """The project's own records."""
    return [_entry(line) for line in _lines("items.txt")]


def own_questions() -> list[LabelledQuestion]:
    return [_question(line) for line in _lines("questions.txt")]


@lru_cache
def reviewed() -> tuple[list[IndexEntry], list[LabelledQuestion]]:
    """The records of the review on nudging health professionals, and questions on its subject, with our own records for
    the other ways of knowing. Skipped where the shared data is absent."""
    rows = list(csv.DictReader(io.StringIO(data("nagtegaal", "Nagtegaal_2019.csv").read_text("utf-8"))))
    records = [
        IndexEntry(
            f"n{row['record_id']}", WAY_BITS["research"], row["title"], row["abstract"], date="2019", spelling_text=""
        )
        for row in rows
        if row["title"]
    ]
    grades = {f"n{row['record_id']}": int(row["label_included"]) + int(row["label_abstract_screening"]) for row in rows}
    labelled = {name: grade for name, grade in grades.items() if grade}
    questions = [_question(line) for line in _lines("review.txt")]
    return records, [LabelledQuestion(question.text, {**labelled, **question.grades}) for question in questions]


def build_index(records: Iterable[IndexEntry]) -> SearchIndex:
    index = SearchIndex()
    index.apply(records, ())
    index.commit(IndexPosition())
    return index


def measure(index: SearchIndex, question: LabelledQuestion, ways: Mapping[str, str]) -> QuestionMetrics:
    """`ways`: the way of knowing of each record."""
    query = parse(question.text)
    plain, balanced = (_ranked_ids(index, SearchRequest(query, by_relevance=by), AT) for by in (True, False))
    matches = set(_ranked_ids(index, SearchRequest(query, by_relevance=True), index.size))
    retrieved = {name: grade for name, grade in question.grades.items() if name in matches}
    return QuestionMetrics(
        question,
        ndcg(plain, question.grades),
        ndcg(balanced, question.grades),
        exposure_ratio(plain, retrieved, ways),
        exposure_ratio(balanced, retrieved, ways),
        exposure_ratio(balanced, question.grades, ways),
        len(retrieved) / len(question.grades),
    )


def loss(metrics: Sequence[QuestionMetrics]) -> float:
    """Return the share of the mean gain that balance costs."""
    return 1 - mean(question.balanced for question in metrics) / mean(question.plain for question in metrics)


def ways_of(records: Iterable[IndexEntry]) -> dict[str, str]:
    by_bit = {bit: way for way, bit in WAY_BITS.items()}
    return {entry.id: by_bit[entry.ways_mask] for entry in records}


def ndcg(order: Sequence[str], grades: Mapping[str, int], at: int = AT) -> float:
    best = sorted(grades.values(), reverse=True)[:at]
    gained = sum(grades.get(name, 0) * DISCOUNTS[place] for place, name in enumerate(order[:at]))
    return gained / sum(grade * DISCOUNTS[place] for place, grade in enumerate(best))


def exposure_ratio(order: Sequence[str], grades: Mapping[str, int], ways: Mapping[str, str], at: int = AT) -> float:
    relevant = [name for name, grade in grades.items() if grade > 0]
    due = due_places({way: sum(ways[name] == way for name in relevant) for way in WAYS}, at)
    exposure = dict.fromkeys(due, 0.0)
    for place, name in enumerate(order[:at]):
        if grades.get(name, 0) > 0:
            exposure[ways[name]] += DISCOUNTS[place]
    attention, places = sum(exposure.values()), sum(due.values())
    return min(exposure[way] / attention * places / due[way] for way in due) if attention else 0.0


def due_places(sizes: Mapping[str, int], places: int) -> dict[str, float]:
    """The places dealt out evenly, no way getting more than it has records for."""
    waiting: dict[str, int] = {way: size for way, size in sizes.items() if size}
    places_of: dict[str, float] = {}
    left = float(places)
    while waiting:
        share = left / len(waiting)
        small = {way: size for way, size in waiting.items() if size <= share}
        if not small:
            return places_of | dict.fromkeys(waiting, share)
        places_of |= small
        left -= sum(small.values())
        waiting = {way: size for way, size in waiting.items() if way not in small}
    return places_of


def _ranked_ids(index: SearchIndex, request: SearchRequest, size: int) -> list[str]:
    return [hit.id for hit in index.search(request, 0, size).hits]


def _entry(line: str) -> IndexEntry:
    name, language_tag, title, text = (column.strip() for column in line.split(" | "))
    return IndexEntry(
        name, WAY_BITS[_LETTERS[name[0]]], title, text, language=language_tag, date="2024", spelling_text=text
    )


def _question(line: str) -> LabelledQuestion:
    text, grades = line.split(" | ")
    pairs = (pair.split() for pair in grades.split(","))
    return LabelledQuestion(text.strip(), {name: int(grade) for name, grade in pairs})


def _lines(name: str) -> list[str]:
    lines = (_HERE / name).read_text("utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]
