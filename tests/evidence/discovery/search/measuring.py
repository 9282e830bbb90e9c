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

from services.evidence.discovery.search.index import Position, SearchIndex, Wanted
from services.evidence.discovery.search.layout import VOICE, Entry
from services.evidence.library.items.descriptions import WAYS
from tests.evidence.world import data

AT = 10
DISCOUNTS = (1.0, 0.6309298, 0.5, 0.4306766, 0.3868528, 0.3562072, 0.3333333, 0.3154649, 0.3010300, 0.2890648)
"""How much the first ten places are looked at: 1 / log2(1 + rank), the discount of nDCG in the form of C. Burges and
others, Learning to Rank using Gradient Descent, ICML 2005. Written out, so that the search is not measured by its own
rule."""
_LETTERS = {"r": "research", "l": "lived_experience", "p": "practice_knowledge"}
_HERE = Path(__file__).with_name("labelled")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, and how relevant which records are to it."""

    text: str
    grades: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Measured:
    """One question: the gain by relevance alone and in balance; the exposure ratio of both."""

    asked: Asked
    plain: float
    balanced: float
    plain_exposure: float
    exposure: float
    strict_exposure: float
    recall: float

    @property
    def loss(self) -> float:
        return 1 - self.balanced / self.plain if self.plain else 0.0


def entries() -> list[Entry]:
    """The project's own records."""
    return [_entry(line) for line in _lines("items.txt")]


def own_questions() -> list[Asked]:
    return [_asked(line) for line in _lines("questions.txt")]


@lru_cache
def reviewed() -> tuple[list[Entry], list[Asked]]:
    """The records of the review on nudging health professionals, and questions on its subject, with our own records for
    the other ways of knowing. Skipped where the shared data is absent."""
    rows = list(csv.DictReader(io.StringIO(data("nagtegaal", "Nagtegaal_2019.csv").read_text("utf-8"))))
    records = [
        Entry(f"n{row['record_id']}", VOICE["research"], row["title"], row["abstract"], date="2019", known_by="")
        for row in rows
        if row["title"]
    ]
    grades = {f"n{row['record_id']}": int(row["label_included"]) + int(row["label_abstract_screening"]) for row in rows}
    labelled = {name: grade for name, grade in grades.items() if grade}
    questions = [_asked(line) for line in _lines("review.txt")]
    return records, [Asked(each.text, {**labelled, **each.grades}) for each in questions]


def indexed(records: Iterable[Entry]) -> SearchIndex:
    index = SearchIndex()
    index.apply(records, ())
    index.show(Position())
    return index


def measured(index: SearchIndex, asked: Asked, ways: Mapping[str, str]) -> Measured:
    """`ways`: the way of knowing of each record."""
    plain, balanced = (_first(index, Wanted(asked.text, by_relevance=by), AT) for by in (True, False))
    everything = set(_first(index, Wanted(asked.text, by_relevance=True), index.size))
    found = {name: grade for name, grade in asked.grades.items() if name in everything}
    return Measured(
        asked,
        ndcg(plain, asked.grades),
        ndcg(balanced, asked.grades),
        exposure_ratio(plain, found, ways),
        exposure_ratio(balanced, found, ways),
        exposure_ratio(balanced, asked.grades, ways),
        len(found) / len(asked.grades),
    )


def loss(all_measured: Sequence[Measured]) -> float:
    """Of the mean gain, the part that balance costs."""
    return 1 - mean(each.balanced for each in all_measured) / mean(each.plain for each in all_measured)


def ways_of(records: Iterable[Entry]) -> dict[str, str]:
    by_bit = {bit: way for way, bit in VOICE.items()}
    return {entry.id: by_bit[entry.voices] for entry in records}


def ndcg(order: Sequence[str], grades: Mapping[str, int], at: int = AT) -> float:
    best = sorted(grades.values(), reverse=True)[:at]
    gained = sum(grades.get(name, 0) * DISCOUNTS[place] for place, name in enumerate(order[:at]))
    return gained / sum(grade * DISCOUNTS[place] for place, grade in enumerate(best))


def exposure_ratio(order: Sequence[str], grades: Mapping[str, int], ways: Mapping[str, str], at: int = AT) -> float:
    relevant = [name for name, grade in grades.items() if grade > 0]
    due = claims({way: sum(ways[name] == way for name in relevant) for way in WAYS}, at)
    exposure = dict.fromkeys(due, 0.0)
    for place, name in enumerate(order[:at]):
        if grades.get(name, 0) > 0:
            exposure[ways[name]] += DISCOUNTS[place]
    attention, places = sum(exposure.values()), sum(due.values())
    return min(exposure[way] / attention * places / due[way] for way in due) if attention else 0.0


def claims(sizes: Mapping[str, int], places: int) -> dict[str, float]:
    """The places dealt out evenly, no way getting more than it has records for."""
    waiting: dict[str, int] = {way: size for way, size in sizes.items() if size}
    given: dict[str, float] = {}
    left = float(places)
    while waiting:
        share = left / len(waiting)
        small = {way: size for way, size in waiting.items() if size <= share}
        if not small:
            return given | dict.fromkeys(waiting, share)
        given |= small
        left -= sum(small.values())
        waiting = {way: size for way, size in waiting.items() if way not in small}
    return given


def _first(index: SearchIndex, wanted: Wanted, size: int) -> list[str]:
    return [hit.id for hit in index.search(wanted, 0, size).hits]


def _entry(line: str) -> Entry:
    name, spoken, title, text = (part.strip() for part in line.split(" | "))
    return Entry(name, VOICE[_LETTERS[name[0]]], title, text, language=spoken, date="2024", known_by=text)


def _asked(line: str) -> Asked:
    text, told = line.split(" | ")
    pairs = (pair.split() for pair in told.split(","))
    return Asked(text.strip(), {name: int(grade) for name, grade in pairs})


def _lines(name: str) -> list[str]:
    lines = (_HERE / name).read_text("utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]
