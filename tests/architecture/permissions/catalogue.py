"""All that is tried, and on which apps."""

from typing import Final

from tests.architecture.permissions import engagement, funding
from tests.architecture.permissions.attempts import Attempt, Noun, OpenWorld
from tests.engagement.world import world_on as engagement_on
from tests.funding.world import world_on as funding_on

WORLDS: Final[dict[str, OpenWorld]] = {"engagement": engagement_on, "funding": funding_on}
OPERATIONAL: Final = tuple(Attempt(f"GET {path}") for path in ("/health/live", "/health/ready", "/metrics"))
NOUNS: Final[tuple[Noun, ...]] = (
    *(Noun(service, "operations", OPERATIONAL, scopes=service) for service in WORLDS),
    *engagement.NOUNS,
    *funding.NOUNS,
)
