"""The thread, chapter by chapter: what each person does, and what the platform then shows."""

from pathlib import Path

from deploy.story.assembly import meet_and_pay
from deploy.story.change import change_practice
from deploy.story.evidence import gather_evidence
from deploy.story.guidance import put_into_words
from deploy.story.narration import Telling
from deploy.story.people import Facts, People
from deploy.story.voices import GROUPS, hear_voices

FILE = Path(__file__).parents[1] / "demo" / "prevention-and-carers.ris"


async def live(people: People, tell: Telling, *, file: Path = FILE, groups: dict[str, int] = GROUPS) -> Facts:
    """All five chapters, in order. Raises Refused or NotInTime where the thread breaks."""
    facts = Facts()
    await gather_evidence(people, tell, facts, file)
    await hear_voices(people, tell, facts, groups)
    await meet_and_pay(people, tell, facts)
    await put_into_words(people, tell, facts)
    await change_practice(people, tell, facts)
    return facts
