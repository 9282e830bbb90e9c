"""How fair and how good balanced ranking is, beside the plain order: the metrics of the tests, query by query.

python -m tests.benchmarks.evidence.ranking
"""

from collections.abc import Sequence
from statistics import mean

from tests.evidence.discovery.search import ranking_metrics
from tests.evidence.discovery.search.ranking_metrics import QuestionMetrics


def main() -> None:
    own_records = ranking_metrics.entries()
    reviewed, review_questions = ranking_metrics.reviewed()
    combined = [*own_records, *reviewed]
    for name, entries, questions in (
        ("our own records", own_records, ranking_metrics.own_questions()),
        ("with the review's 2,008 records among them", combined, ranking_metrics.own_questions()),
        ("the review's records and ours, on its subject", combined, review_questions),
    ):
        index, ways = ranking_metrics.build_index(entries), ranking_metrics.ways_of(entries)
        report(name, [ranking_metrics.measure(index, question, ways) for question in questions])


def report(name: str, metrics: Sequence[QuestionMetrics]) -> None:
    print(f"{name}\n  nDCG@10 plain  balanced     loss   exposure ratio@10 plain  balanced  strict  recall")
    for row in metrics:
        _print_row(row.plain, row.balanced, row.loss, [row], row.question.text)
    plain, balanced = mean(row.plain for row in metrics), mean(row.balanced for row in metrics)
    _print_row(plain, balanced, ranking_metrics.loss(metrics), metrics, f"mean of {len(metrics)}")
    print()


def _print_row(plain: float, balanced: float, loss: float, rows: Sequence[QuestionMetrics], name: str) -> None:
    exposure = f"{mean(row.plain_exposure for row in rows):23.2f}  {mean(row.exposure for row in rows):8.2f}"
    strict = f"{mean(row.strict_exposure for row in rows):6.2f}  {mean(row.recall for row in rows):6.2f}"
    print(f"  {plain:13.3f}  {balanced:8.3f}  {loss:7.1%}  {exposure}  {strict}   {name}")


if __name__ == "__main__":
    main()
