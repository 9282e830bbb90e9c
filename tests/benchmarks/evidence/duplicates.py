"""How well duplicates are distinguished from similar works, beside a plain comparison of titles.

    python -m tests.benchmarks.evidence.duplicates [labelled-library.xml ...]

Two labelled sets: bib-dedupe's pairs and all pairs of CoLRev's records. The rules were developed on both, so their
halves show how even the results are, not how the rules generalise. For that, give libraries that were not used:
EndNote XML in which every record of a duplicated work has the caption "Duplicate", such as the test data of
IEBH/dedupe-sweep. There only works that share a key are compared, as in the service. Only prints.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from lxml import etree
from rapidfuzz import fuzz

from services.evidence.library.works.duplicates.blocking_keys import MAX_BLOCK_WORKS, keys_of
from services.evidence.library.works.duplicates.rules import compare
from services.evidence.library.works.duplicates.works import Work
from tests.evidence.library.works.duplicates.references import bib_dedupe, colrev, work

Judge = Callable[[Work, Work], bool]
LabelledPair = tuple[str, Work, Work, bool]


def is_duplicate(a: Work, b: Work) -> bool:
    return compare(a, b).judgement == "duplicate"


def is_duplicate_or_maybe(a: Work, b: Work) -> bool:
    return compare(a, b).judgement != "different"


def has_similar_title_and_year(a: Work, b: Work) -> bool:
    return a.year == b.year and fuzz.ratio(a.title, b.title) >= 90


JUDGES: dict[str, Judge] = {
    "duplicate": is_duplicate,
    "duplicate or maybe": is_duplicate_or_maybe,
    "titles and year alone": has_similar_title_and_year,
}


@dataclass(frozen=True, slots=True)
class DuplicateScore:
    """Precision, recall and F1, by counts."""

    true_positives: int
    false_positives: int
    false_negatives: int

    def __str__(self) -> str:
        precision = (
            self.true_positives / (self.true_positives + self.false_positives)
            if self.true_positives + self.false_positives
            else 1.0
        )
        recall = (
            self.true_positives / (self.true_positives + self.false_negatives)
            if self.true_positives + self.false_negatives
            else 1.0
        )
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return (
            f"precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}"
            f"  ({self.true_positives} right, {self.false_positives} wrong, {self.false_negatives} missed)"
        )


def score_pairs(pairs: Iterable[LabelledPair], judge: Judge) -> DuplicateScore:
    outcomes = [(judge(a, b), same) for _, a, b, same in pairs]
    return DuplicateScore(outcomes.count((True, True)), outcomes.count((True, False)), outcomes.count((False, True)))


def score_library(works: Sequence[Work], labelled: set[int], judge: Judge) -> DuplicateScore:
    """Score by record: a record should be labelled if and only if it is in a pair of duplicates."""
    paired = {index for pair in candidate_pairs(works) if judge(works[pair[0]], works[pair[1]]) for index in pair}
    return DuplicateScore(len(paired & labelled), len(paired - labelled), len(labelled - paired))


def candidate_pairs(works: Sequence[Work]) -> set[tuple[int, int]]:
    blocks: dict[int, list[int]] = defaultdict(list)
    for index, work_ in enumerate(works):
        for key in keys_of(work_):
            blocks[key].append(index)
    return {pair for block in blocks.values() if len(block) <= MAX_BLOCK_WORKS for pair in combinations(block, 2)}


def read_library(path: Path) -> tuple[list[Work], set[int]]:
    """Return the records of an EndNote library, and the indexes of those labelled as duplicates."""
    parser = etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False, no_network=True)
    records = list(etree.parse(path, parser).getroot().iter("record"))
    labelled = {index for index, record in enumerate(records) if "dup" in (_text(record, "caption") or "").lower()}
    return [_work(record) for record in records], labelled


def _work(record: Any) -> Work:
    kind = record.find("ref-type")
    name = (kind.get("name") or "") if kind is not None else ""
    year = re.search(r"\d{4}", _text(record, "dates/year") or "")
    return work(
        ENTRYTYPE="inproceedings" if name.startswith("Conference") else "article",
        title=_text(record, "titles/title") or "",
        author="; ".join(
            " ".join("".join(author.itertext()).split()) for author in record.iterfind("contributors//author")
        ),
        journal=_text(record, "titles/secondary-title") or _text(record, "periodical/full-title"),
        year=year[0] if year else None,
        volume=_text(record, "volume"),
        number=_text(record, "number"),
        pages=_text(record, "pages"),
        doi=_text(record, "electronic-resource-num"),
    )


def _text(record: Any, path: str) -> str | None:
    text = record.find(path)
    return " ".join("".join(text.itertext()).split()) if text is not None else None


def main() -> None:
    sets = {"bib-dedupe": list(bib_dedupe()), "CoLRev": list(colrev())}
    for name, pairs in sets.items():
        print(f"\n{name}: {len(pairs)} pairs, {sum(same for *_, same in pairs)} of them one work")
        for label, judge in JUDGES.items():
            print(f"  {label:22} {score_pairs(pairs, judge)}")
        for half, half_pairs in (("one half", pairs[::2]), ("the other half", pairs[1::2])):
            print(f"  {half:22} {score_pairs(half_pairs, is_duplicate)}")
    for path in map(Path, sys.argv[1:]):
        works, labelled = read_library(path)
        compared = len(candidate_pairs(works))
        print(f"\n{path.name}: {len(works)} records, {len(labelled)} labelled, {compared} pairs share a key")
        for label, judge in JUDGES.items():
            print(f"  {label:22} {score_library(works, labelled, judge)}")


if __name__ == "__main__":
    main()
