"""Bounds on what is hidden in the public results of a survey, by integer programs (HiGHS).

All constraints are those that a reader of docs/disclosure.md and of the JSON can write down. Where the document says
that a figure is calculated from others that are shown, that is checked, and the figure then tells nothing more.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from services.engagement.surveys.results.topic_priorities import SMALLER_GROUPS
from shared.disclosure import DEFAULT_THRESHOLD
from tests.attack.programs import LARGE, Key, Program
from tests.attack.surveys import GROUPS, AnsweredSurvey, answers_to, doubled_points

Json = dict[str, Any]
FARTHEST_UNANIMOUS = 1
"""All, or all but one."""
LARGE_GROUP = 20
SCORE_STEP = 0.1
POINTS_STEP = 5.0


@dataclass
class Findings:
    """What an attacker found out, and how much was shown."""

    recovered: list[str] = field(default_factory=list[str])
    unanimous: list[str] = field(default_factory=list[str])
    bounded: int = 0
    large_groups: int = 0
    large_groups_shown: int = 0
    large_tables: int = 0
    large_tables_shown: int = 0

    def add(self, other: "Findings") -> None:
        """Add what was found in another survey."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def attack(survey: AnsweredSurvey, published: Json) -> Findings:
    """Bound every hidden number of the survey by its public results."""
    findings = Findings()
    check_derived(published)
    check_priorities(survey, published)
    shown = {row["group"] for row in published["respondents"]["by_group"]}
    for group in sorted(shown):
        _attack_shown_group(survey, published, group, findings)
    _attack_hidden_groups(survey, published, [group for group in GROUPS if group not in shown], findings)
    if published["fewest_shown"] == DEFAULT_THRESHOLD:
        _count_shown(survey, published, findings)
    return findings


def _attack_shown_group(survey: AnsweredSurvey, published: Json, group: str, findings: Findings) -> None:
    step = published["rounded_to"]
    program, hidden = Program(), list[Key]()
    [respondents] = [row for row in published["respondents"]["by_group"] if row["group"] == group]
    people = ("people",)
    program.constrain({people: 1}, *_rounded(respondents["answered"], step))
    people_answers = survey.answers[group]
    for question, result, measure in _measures(survey, published):
        row = next((row for row in measure["by_group"] if row["group"] == group), None)
        key = (question.id, measure["option"])
        hidden += _add_table(program, key, question, row, published)
        program.constrain({(*key, "answered"): 1, people: -1}, -LARGE, 0)
        if question.required and measure["option"] is None:
            program.constrain({(*key, "answered"): 1, people: -1}, 0, 0)
        if row is None:
            hidden.append((*key, "answered"))
        else:
            _look_for_unanimity(program, key, answers_to(people_answers, question, measure["option"]), group, findings)
        assert result["id"] == question.id
    for key in hidden:
        _bound(program, key, f"{group} {key}", published["fewest_shown"], findings)


def _attack_hidden_groups(survey: AnsweredSurvey, published: Json, groups: Sequence[str], findings: Findings) -> None:
    step = published["rounded_to"]
    if not groups:
        return
    program = Program()
    together = published["respondents"]["smaller_groups"]
    for group in groups:
        program.constrain({("people", group): 1}, 0, step - 1)
    program.constrain({("people", group): 1 for group in groups}, *_rounded(together and together["answered"], step))
    hidden: list[Key] = [("people", group) for group in groups]
    for question, _, measure in _measures(survey, published):
        row, key = measure["smaller_groups"], (question.id, measure["option"])
        if question.kind == "rank":
            continue  # the document says that rankings of smaller groups are never shown: nothing to learn
        _add_table(program, key, question, row, published)
        program.constrain({(*key, "answered"): -1, **{(*key, "of", group): 1 for group in groups}}, 0, 0)
        for group in groups:
            program.constrain({(*key, "of", group): 1, ("people", group): -1}, -LARGE, 0)
            if question.required and measure["option"] is None:
                program.constrain({(*key, "of", group): 1, ("people", group): -1}, 0, 0)
        hidden += [(*key, "of", groups[0])]
        answers = [answer for group in groups for answer in answers_to(survey.answers.get(group, []), question, key[1])]
        if row is not None:
            _look_for_unanimity(program, key, answers, "smaller groups", findings)
        if question.kind == "single_choice":
            for option in question.options:
                split = {(*key, option.id, "of", group): 1.0 for group in groups}
                program.constrain({(*key, option.id): -1, **split}, 0, 0)
                hidden.append((*key, option.id, "of", groups[0]))
            for group in groups:
                by_option = {(*key, option.id, "of", group): 1.0 for option in question.options}
                program.constrain({(*key, "of", group): -1, **by_option}, 0, 0)
    for key in hidden:
        _bound(program, key, f"hidden {key}", published["fewest_shown"], findings)


def _bound(program: Program, key: Key, name: str, threshold: int, findings: Findings) -> None:
    low, high = program.range_of({key: 1})
    findings.bounded += 1
    if high < threshold or high - low < threshold - 1:
        findings.recovered.append(f"{name}: {low} to {high}")


def _look_for_unanimity(program: Program, key: Key, answers: Sequence[Any], who: str, findings: Findings) -> None:
    """Note where no other world fits than one in which all, or all but one, answered the same.

    Where more than one differed in truth, that world fits, and there is nothing to look for.
    """
    if not answers:
        return
    commonest, times = Counter(_as_key(answer) for answer in answers).most_common(1)[0]
    if len(answers) - times > FARTHEST_UNANIMOUS or (*key, commonest) not in program.variables:
        return
    others = program.extreme({(*key, "answered"): 1, (*key, commonest): -1}, -1)
    if others <= FARTHEST_UNANIMOUS:
        findings.unanimous.append(f"{who} {key}: {commonest}")


def _add_table(program: Program, key: Key, question: Any, row: Json | None, published: Json) -> list[Key]:
    """Add what is public of one table of a group. Returns the counts of it that are hidden."""
    answered, step = (*key, "answered"), published["rounded_to"]
    program.constrain({answered: 1}, *_rounded(row and row["answered"], step))
    parts = [(*key, part) for part in _parts(question)]
    if not parts:
        return []
    program.constrain({answered: -1, **dict.fromkeys(parts, 1.0)}, 0, 0)
    if row is None:
        return []
    if question.kind == "single_choice":
        for option in question.options:
            program.constrain({(*key, option.id): 1}, *_rounded(row["counts"][option.id], step))
        return [(*key, option.id) for option in question.options if row["counts"][option.id]["at_least"] == 0]
    enough_differ = published["fewest_shown"] / row["answered"]["at_least"]
    if question.kind == "score" and row["mean"] is not None:
        values = {part: float(part[-1]) for part in parts}
        ends = (question.lowest, question.highest)
        _add_mean(program, values, row["mean"], SCORE_STEP, _limits(ends, enough_differ, SCORE_STEP))
    if question.kind == "rank" and row["points"] is not None:
        ids = [option.id for option in question.options]
        unit = 100 / (len(ids) - 1)
        for id, points in row["points"].items():
            values = {part: doubled_points(part[-1], ids)[id] * unit / 2 for part in parts}
            _add_mean(program, values, points, POINTS_STEP, _limits((0, 100), unit * enough_differ, POINTS_STEP))
    return []


def _add_mean(
    program: Program, values: Mapping[Key, float], mean: float, step: float, limits: tuple[float, float]
) -> None:
    """Require that the mean of the values is within half a step of what is shown, or beyond the outermost shown."""
    low, high = limits
    slack = 1e-9
    if mean > low + slack:
        terms = {key: value - (mean - step / 2) for key, value in values.items()}
        program.constrain(terms, -slack * LARGE, LARGE)
    if mean < high - slack:
        terms = {key: value - (mean + step / 2) for key, value in values.items()}
        program.constrain(terms, -LARGE, slack * LARGE)


def _limits(ends: tuple[float, float], margin: float, step: float) -> tuple[float, float]:
    """Return the outermost means that are shown: this far from the ends of the scale, rounded away from them."""
    low, high = ends[0] + margin, ends[1] - margin
    return np.ceil(low / step - 1e-6) * step, np.floor(high / step + 1e-6) * step


def _parts(question: Any) -> list[Any]:
    """Return the answers that a person can give to one table."""
    ids = [option.id for option in question.options]
    match question.kind:
        case "score":
            return list(range(question.lowest, question.highest + 1))
        case "single_choice":
            return ids
        case "rank":
            return [ballot for length in range(1, len(ids) + 1) for ballot in itertools.permutations(ids, length)]
        case _:
            return []


def _as_key(answer: Any) -> Any:
    return tuple(cast("list[str]", answer)) if isinstance(answer, list) else answer


def _rounded(count: Json | None, step: int) -> tuple[float, float]:
    at_least = count["at_least"] if count else 0
    return at_least, at_least + step - 1


def _measures(survey: AnsweredSurvey, published: Json) -> Iterator[tuple[Any, Json, Json]]:
    for question, result in zip(survey.questions, published["questions"], strict=True):
        for measure in result["measures"]:
            yield question, result, measure


def check_derived(published: Json) -> None:
    """Check what the document says: figures of everyone, and priorities, follow from the rows that are shown."""
    everyone_shown: Json | None = published["respondents"]["everyone"]
    assert published["unnamed_voices"] <= (everyone_shown["answered"]["at_least"] if everyone_shown else 0)
    for result in published["questions"]:
        for measure in [published["respondents"], *result["measures"]]:
            rows = [*measure["by_group"], *([measure["smaller_groups"]] if measure["smaller_groups"] else [])]
            everyone: Json | None = measure["everyone"]
            assert (everyone is not None) == bool(rows)
            if everyone is None:
                continue
            assert everyone["answered"]["at_least"] == sum(row["answered"]["at_least"] for row in rows)
            counts: Json = everyone["counts"] or {}
            for option, count in counts.items():
                assert count["at_least"] == sum(row["counts"][option]["at_least"] for row in rows)
            _check_mean(everyone["mean"], [(row["mean"], row) for row in rows])
            everyones_points: Json = everyone["points"] or {}
            for option, points in everyones_points.items():
                _check_mean(points, [(row["points"] and row["points"].get(option), row) for row in rows])


def check_priorities(survey: AnsweredSurvey, published: Json) -> None:
    """Check what the document says: priorities, and what each group gives them, follow from the means as shown."""
    strengths: dict[str, dict[str, list[float]]] = {}
    people_of = Counter[tuple[str, str]]()
    for question, _, measure in _measures(survey, published):
        rows: list[Json] = [*measure["by_group"], *([measure["smaller_groups"]] if measure["smaller_groups"] else [])]
        for option, row in itertools.product(question.options, rows):
            if option.topic_id is None or measure["option"] not in (None, option.id):
                continue
            mean: float | None = row["mean"]
            points: float | None = row["points"] and row["points"].get(option.id)
            if mean is not None:
                strength = (mean - question.lowest) / (question.highest - question.lowest)
            elif points is not None:
                strength = points / 100
            else:
                continue
            topic_id, group = str(option.topic_id), row.get("group", SMALLER_GROUPS)
            strengths.setdefault(topic_id, {}).setdefault(group, []).append(strength)
            people_of[topic_id, group] = max(people_of[topic_id, group], row["answered"]["at_least"])
    priorities: dict[str, Json] = {priority["topic_id"]: priority for priority in published["priorities"]}
    assert priorities.keys() == strengths.keys()
    for topic_id, by_group in strengths.items():
        priority = sum(sum(views) / len(views) for views in by_group.values()) / len(by_group)
        assert abs(priorities[topic_id]["score"] - 100 * priority) <= 0.5 + 1e-6
        for group in priorities[topic_id]["by_group"]:
            views, people = by_group[group["group"]], people_of[topic_id, group["group"]]
            assert abs(group["score"] - 100 * sum(views) / len(views)) <= 0.5 + 1e-6
            assert group["people"] == people


def _check_mean(shown: float | None, rows: Sequence[tuple[float | None, Json]]) -> None:
    weighted = [(mean, row["answered"]["at_least"]) for mean, row in rows if mean is not None]
    assert (shown is None) == (not weighted)
    if shown is not None:
        mean = sum(mean * weight for mean, weight in weighted) / sum(weight for _, weight in weighted)
        assert abs(shown - mean) <= 0.0501


def _count_shown(survey: AnsweredSurvey, published: Json, findings: Findings) -> None:
    """Count the groups of 20 and more, and their tables of which something is shown."""
    shown = {row["group"] for row in published["respondents"]["by_group"]}
    for group, people in survey.answers.items():
        if len(people) < LARGE_GROUP:
            continue
        findings.large_groups += 1
        findings.large_groups_shown += group in shown
        for question, _, measure in _measures(survey, published):
            if question.kind == "free_text" or len(answers_to(people, question, measure["option"])) < LARGE_GROUP:
                continue
            findings.large_tables += 1
            row = next((row for row in measure["by_group"] if row["group"] == group), None)
            figures = row and (row["mean"] is not None or row["points"] or _some_placed(row["counts"]))
            findings.large_tables_shown += bool(figures)


def _some_placed(counts: Json | None) -> bool:
    return any(count["at_least"] for count in (counts or {}).values())
