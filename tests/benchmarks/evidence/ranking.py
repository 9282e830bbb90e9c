"""How fair and how good balanced ranking is, beside the plain order: the figures of the tests, question by question.

python -m tests.benchmarks.evidence.ranking
"""

from collections.abc import Sequence
from statistics import mean

from tests.evidence.discovery.search import measuring
from tests.evidence.discovery.search.measuring import Measured


def main() -> None:
    own = measuring.entries()
    records, reviewed = measuring.reviewed()
    both = [*own, *records]
    for name, kept, asked in (
        ("our own records", own, measuring.own_questions()),
        ("with the review's 2,008 records among them", both, measuring.own_questions()),
        ("the review's records and ours, on its subject", both, reviewed),
    ):
        index, ways = measuring.indexed(kept), measuring.ways_of(kept)
        told(name, [measuring.measured(index, each, ways) for each in asked])


def told(name: str, figures: Sequence[Measured]) -> None:
    print(f"{name}\n  nDCG@10 plain  balanced     loss   exposure ratio@10 plain  balanced  strict  recall")
    for each in figures:
        _line(each.plain, each.balanced, each.loss, [each], each.asked.text)
    plain, balanced = mean(each.plain for each in figures), mean(each.balanced for each in figures)
    _line(plain, balanced, measuring.loss(figures), figures, f"mean of {len(figures)}")
    print()


def _line(plain: float, balanced: float, loss: float, of: Sequence[Measured], name: str) -> None:
    fair = f"{mean(each.plain_exposure for each in of):23.2f}  {mean(each.exposure for each in of):8.2f}"
    beside = f"{mean(each.strict_exposure for each in of):6.2f}  {mean(each.recall for each in of):6.2f}"
    print(f"  {plain:13.3f}  {balanced:8.3f}  {loss:7.1%}  {fair}  {beside}   {name}")


if __name__ == "__main__":
    main()
