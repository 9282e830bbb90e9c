import itertools
from typing import Any

import pytest
from pydantic import ValidationError

from services.evidence.publications.guides.documents.confidence import (
    COMPONENTS,
    OVERALL_LEVELS,
    QualitativeConfidence,
    find_excess_confidence,
)
from tests.evidence.publications.guides.guide_factories import create_draft, guide_content, publish_guide, statement
from tests.evidence.world import PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import EDITOR


def judged(overall: str = "high", **concerns: str) -> dict[str, Any]:
    components = {
        name: {"concerns": concerns.get(name, "no_or_very_minor"), "reason": "We looked."} for name in COMPONENTS
    }
    return {"kind": "qualitative_finding", **components, "overall": overall, "explanation": "All in all."}


@pytest.mark.parametrize("serious", range(5))
@pytest.mark.parametrize("overall", OVERALL_LEVELS)
def test_serious_concerns_limit_the_confidence_and_nothing_is_worked_out(serious: int, overall: str) -> None:
    # None of the concerns allows high, one of them moderate, more of them low.
    too_high = [(), ("high",), ("high", "moderate")][min(serious, 2)]
    for names in itertools.combinations(COMPONENTS, serious):
        confidence = QualitativeConfidence(**judged(overall, **dict.fromkeys(names, "serious")))
        errors = find_excess_confidence(confidence, "/c")
        assert bool(errors) == (overall in too_high), names
        for error in errors:
            assert error.pointer == "/c/overall"
            assert all(name.replace("_", " ") in error.detail for name in names)


def test_the_team_may_always_be_less_sure_than_the_concerns_allow() -> None:
    assert find_excess_confidence(QualitativeConfidence(**judged("very_low")), "/c") == []


@pytest.mark.parametrize("left_out", [*COMPONENTS, "overall", "explanation"])
def test_every_component_the_choice_and_its_explanation_are_needed(left_out: str) -> None:
    with pytest.raises(ValidationError, match=left_out):
        QualitativeConfidence(**{name: value for name, value in judged().items() if name != left_out})


async def test_a_qualitative_finding_is_shown_with_its_four_components(world: EvidenceWorld) -> None:
    paper = await world.publish(RESEARCH, design="qualitative")
    finding = judged("moderate", relevance="moderate", adequacy="minor")
    guide = await publish_guide(world, statement(paper, confidence=finding))
    assert guide["statements"][0]["confidence"] == finding


async def test_find_excess_confidence_a_judgement_is_refused_in_its_place(world: EvidenceWorld) -> None:
    paper = await world.publish(RESEARCH, design="qualitative")
    finding = judged("moderate", relevance="serious", coherence="serious")
    problem = await world.problem(
        EDITOR, "POST", "/v1/guides", await guide_content(world, statement(paper, confidence=finding))
    )
    assert problem["errors"] == [
        {
            "pointer": "/statements/0/confidence/overall",
            "detail": "With serious concerns about coherence and relevance, choose low or lower, "
            "or look at the concerns again.",
        }
    ]


async def test_what_no_qualitative_research_bears_is_said_in_plain_count_wordsstead(world: EvidenceWorld) -> None:
    trial, practice = await world.publish(RESEARCH), await world.publish(PRACTICE)
    guide = await create_draft(world, statement(trial, practice, confidence=judged()))
    problem = await world.problem(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    assert [error["pointer"] for error in problem["errors"]] == ["/statements/0/confidence/kind"]


async def test_no_scale_is_shared_between_kinds_of_confidence(world: EvidenceWorld) -> None:
    mixed = {"kind": "in_plain_words", "confidence": "Sure.", "reason": "All said so.", "overall": "high"}
    body = await guide_content(world, statement(await world.publish(PRACTICE), confidence=mixed))
    problem = await world.problem(EDITOR, "POST", "/v1/guides", body)
    assert problem["errors"][0]["pointer"] == "/statements/0/confidence/overall"
