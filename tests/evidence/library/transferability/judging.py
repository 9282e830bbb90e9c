"""Judgements made in a word."""

from typing import Any

from services.evidence.library.transferability.criteria import (
    PARTS,
    EnvironmentCriteria,
    InterventionCriteria,
    Part,
    PopulationCriteria,
    TransferCriteria,
)

CRITERIA: dict[Part, list[str]] = {
    "population": list(PopulationCriteria.model_fields),
    "intervention": list(InterventionCriteria.model_fields),
    "environment": list(EnvironmentCriteria.model_fields),
    "transfer": list(TransferCriteria.model_fields),
}


def parts(everything: str = "fits", /, **others: str | None) -> dict[str, Any]:
    """Every criterion judged the same but for some: `environment__money="unknown"`; None leaves a criterion out."""
    made: dict[str, Any] = {
        part: {"criteria": {name: one(everything) for name in CRITERIA[part]}, "why": "So it is."} for part in PARTS
    }
    for place, judgement in others.items():
        part, _, name = place.partition("__")
        if judgement is None:
            del made[part]["criteria"][name]
        else:
            made[part]["criteria"][name] = one(judgement)
    return made


def one(judgement: str) -> dict[str, str]:
    return {"judgement": judgement, "why": "So it is."}
