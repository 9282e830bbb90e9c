"""The story, chapter by chapter: what each person does, and what the platform then shows."""

from pathlib import Path

from deploy.story.assembly import hold_assembly_and_pay
from deploy.story.change import change_practice
from deploy.story.evidence import gather_evidence
from deploy.story.guidance import publish_guidance
from deploy.story.narration import Narrator
from deploy.story.people import People, StoryFacts
from deploy.story.voices import GROUPS, run_survey

FILE = Path(__file__).parents[1] / "demo" / "prevention-and-carers.ris"


async def run_story(
    people: People, narrator: Narrator, *, file: Path = FILE, groups: dict[str, int] = GROUPS
) -> StoryFacts:
    """Run all five chapters in order.

    Raises RequestRefused or ConditionTimeout where a step fails.
    """
    facts = StoryFacts()
    await gather_evidence(people, narrator, facts, file)
    await run_survey(people, narrator, facts, groups)
    await hold_assembly_and_pay(people, narrator, facts)
    await publish_guidance(people, narrator, facts)
    await change_practice(people, narrator, facts)
    return facts
