"""How well duplicates are told from works that are alike, beside a plain comparison of titles in the same run.

    python -m tests.benchmarks.evidence.duplicates [labelled-library.xml ...]

Two judged sets: bib-dedupe's pairs and all pairs of CoLRev's records. The rules were written with both at hand, so
their halves say how evenly they hold, not how they do on what they never saw. For that, give libraries not used then:
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
Judged = tuple[str, Work, Work, bool]


def ours(a: Work, b: Work) -> bool:
    return compare(a, b).judgement == "duplicate"


def shown(a: Work, b: Work) -> bool:
    return compare(a, b).judgement != "different"


def plain(a: Work, b: Work) -> bool:
    return a.year == b.year and fuzz.ratio(a.title, b.title) >= 90


JUDGES: dict[str, Judge] = {"duplicate": ours, "duplicate or maybe": shown, "titles and year alone": plain}


@dataclass(frozen=True, slots=True)
class Score:
    """Of what was to be found."""

    right: int
    wrong: int
    missed: int

    def __str__(self) -> str:
        precision = self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0
        recall = self.right / (self.right + self.missed) if self.right + self.missed else 1.0
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        return (
            f"precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}"
            f"  ({self.right} right, {self.wrong} wrong, {self.missed} missed)"
        )


def of_pairs(pairs: Iterable[Judged], judge: Judge) -> Score:
    outcomes = [(judge(a, b), same) for _, a, b, same in pairs]
    return Score(outcomes.count((True, True)), outcomes.count((True, False)), outcomes.count((False, True)))


def of_library(works: Sequence[Work], labelled: set[int], judge: Judge) -> Score:
    """By record: one that is in a pair should be labelled, and the other way round."""
    found = {place for pair in candidates(works) if judge(works[pair[0]], works[pair[1]]) for place in pair}
    return Score(len(found & labelled), len(found - labelled), len(labelled - found))


def candidates(works: Sequence[Work]) -> set[tuple[int, int]]:
    blocks: dict[int, list[int]] = defaultdict(list)
    for place, each in enumerate(works):
        for key in keys_of(each):
            blocks[key].append(place)
    return {pair for block in blocks.values() if len(block) <= MAX_BLOCK_WORKS for pair in combinations(block, 2)}


def library(path: Path) -> tuple[list[Work], set[int]]:
    """The records of an EndNote library, and the places of those labelled as duplicates."""
    parser = etree.XMLParser(recover=True, huge_tree=True, resolve_entities=False, no_network=True)
    records = list(etree.parse(path, parser).getroot().iter("record"))
    labelled = {place for place, record in enumerate(records) if "dup" in (_text(record, "caption") or "").lower()}
    return [_work(record) for record in records], labelled


def _work(record: Any) -> Work:
    kind = record.find("ref-type")
    name = (kind.get("name") or "") if kind is not None else ""
    year = re.search(r"\d{4}", _text(record, "dates/year") or "")
    return work(
        ENTRYTYPE="inproceedings" if name.startswith("Conference") else "article",
        title=_text(record, "titles/title") or "",
        author="; ".join(
            " ".join("".join(each.itertext()).split()) for each in record.iterfind("contributors//author")
        ),
        journal=_text(record, "titles/secondary-title") or _text(record, "periodical/full-title"),
        year=year[0] if year else None,
        volume=_text(record, "volume"),
        number=_text(record, "number"),
        pages=_text(record, "pages"),
        doi=_text(record, "electronic-resource-num"),
    )


def _text(record: Any, path: str) -> str | None:
    found = record.find(path)
    return " ".join("".join(found.itertext()).split()) if found is not None else None


def main() -> None:
    sets = {"bib-dedupe": list(bib_dedupe()), "CoLRev": list(colrev())}
    for name, pairs in sets.items():
        print(f"\n{name}: {len(pairs)} pairs, {sum(same for *_, same in pairs)} of them one work")
        for called, judge in JUDGES.items():
            print(f"  {called:22} {of_pairs(pairs, judge)}")
        for half, part in (("one half", pairs[::2]), ("the other half", pairs[1::2])):
            print(f"  {half:22} {of_pairs(part, ours)}")
    for path in map(Path, sys.argv[1:]):
        works, labelled = library(path)
        compared = len(candidates(works))
        print(f"\n{path.name}: {len(works)} records, {len(labelled)} labelled, {compared} pairs share a key")
        for called, judge in JUDGES.items():
            print(f"  {called:22} {of_library(works, labelled, judge)}")


if __name__ == "__main__":
    main()
