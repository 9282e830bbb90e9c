"""The whole library, in an order in which each step finds what it refers to: from the topics to what came of it."""

from collections.abc import Mapping

from deploy.demo.client import PublicClient
from deploy.demo.library import items, publications, quality, voices
from deploy.demo.library.planter import Planter

STEPS = (
    items.plant_topics,
    items.plant_items,
    publications.write_guides,
    quality.appraise,
    quality.make_renditions,
    quality.judge_transfer,
    publications.answer_questions,
    publications.teach,
    quality.record_notices,
    quality.correct_summary,
    voices.run_survey,
    voices.plan_assemblies,
    voices.run_project,
)


async def is_planted(clients: Mapping[str, PublicClient]) -> bool:
    """Return whether the library is there, from its first step to its last."""
    return await voices.is_planted(Planter(clients))


async def plant(clients: Mapping[str, PublicClient]) -> None:
    """Plant what is missing. Raises RequestRefused or ConditionTimeout; another run completes it."""
    planter = Planter(clients)
    for step in STEPS:
        await step(planter)
