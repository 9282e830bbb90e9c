"""All that is tried, and on which apps."""

from typing import Final

from tests.architecture.permissions import engagement, evidence, funding
from tests.architecture.permissions.attempts import OpenWorld
from tests.engagement.world import world_on as engagement_on
from tests.evidence.world import world_on as evidence_on
from tests.funding.world import world_on as funding_on

WORLDS: Final[dict[str, OpenWorld]] = {"evidence": evidence_on, "engagement": engagement_on, "funding": funding_on}
NOUNS: Final = (*evidence.NOUNS, *engagement.NOUNS, *funding.NOUNS)
