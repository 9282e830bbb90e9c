"""The people of the story, and the facts that its chapters collect."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp

from deploy.demo.client import PublicClient

TOPICS = (
    "Prevention and wellbeing",
    "Carers' health and wellbeing",
    "Supporting people who work in care",
    "People who do not qualify today",
)


@dataclass
class People:
    """A client of the API for each persona, and an anonymous one."""

    nobody: PublicClient
    carer: PublicClient
    practitioner: PublicClient
    evidence_editor: PublicClient
    engagement_officer: PublicClient
    funding_officer: PublicClient
    approver: PublicClient
    finance: PublicClient
    partner_developer: PublicClient
    guide_reviewer: PublicClient
    administrator: PublicClient
    second_approver: PublicClient
    second_finance: PublicClient


@dataclass
class StoryFacts:
    """What the chapters created and read: ids, and documents as the API returned them."""

    topics: dict[str, str] = field(default_factory=dict[str, str])
    import_job: dict[str, Any] = field(default_factory=dict[str, Any])
    account: str = ""
    practice: str = ""
    search_page: dict[str, Any] = field(default_factory=dict[str, Any])
    survey: str = ""
    results: dict[str, Any] = field(default_factory=dict[str, Any])
    priority: dict[str, Any] = field(default_factory=dict[str, Any])
    assembly: dict[str, Any] = field(default_factory=dict[str, Any])
    claim: dict[str, Any] = field(default_factory=dict[str, Any])
    run: dict[str, Any] = field(default_factory=dict[str, Any])
    proof: dict[str, Any] = field(default_factory=dict[str, Any])
    guide: str = ""
    request: dict[str, Any] = field(default_factory=dict[str, Any])
    learning: dict[str, Any] = field(default_factory=dict[str, Any])
    project: str = ""
    thread: dict[str, Any] = field(default_factory=dict[str, Any])
    staff_thread: dict[str, Any] = field(default_factory=dict[str, Any])
    contribution: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def topic(self) -> str:
        """The id of the topic that the story follows."""
        return self.topics[TOPICS[1]]


async def people_of(http: aiohttp.ClientSession, gateway: str, tokens: dict[str, str]) -> People:
    """Create a client for each persona's token (`carer`, `evidence-editor`...)."""
    clients = {name.replace("-", "_"): PublicClient(http, gateway, token) for name, token in tokens.items()}
    return People(nobody=PublicClient(http, gateway), **clients)
