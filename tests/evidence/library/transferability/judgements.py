"""Builds judgements for tests."""

from typing import Any

from services.evidence.library.transferability.criteria import (
    PARTS,
    EnvironmentCriteria,
    InterventionCriteria,
    PopulationCriteria,
    TransferCriteria,
    TransferPart,
)

CRITERIA: dict[TransferPart, list[str]] = {
    "population": list(PopulationCriteria.model_fields),
    "intervention": list(InterventionCriteria.model_fields),
    "environment": list(EnvironmentCriteria.model_fields),
    "transfer": list(TransferCriteria.model_fields),
}


def parts(everything: str = "fits", /, **others: str | None) -> dict[str, Any]:
    """Judge every criterion the same, except for some: `environment__money="unknown"`; None leaves a criterion out."""
    judged: dict[str, Any] = {
        part: {"criteria": {name: criterion(everything) for name in CRITERIA[part]}, "why": "So it is."}
        for part in PARTS
    }
    for path, judgement in others.items():
        part, _, name = path.partition("__")
        if judgement is None:
            del judged[part]["criteria"][name]
        else:
            judged[part]["criteria"][name] = criterion(judgement)
    return judged


def criterion(judgement: str) -> dict[str, str]:
    return {"judgement": judgement, "why": "So it is."}
