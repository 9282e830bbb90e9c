"""Engagement: attempts on surveys, assemblies, registrations and projects."""

from typing import Final

from shared.callers import person
from shared.persistence.tables import new_id
from tests.architecture.permissions.attempts import Attempt, Noun, Prepared, operations
from tests.engagement.world import EVERY_GROUP_SIGNED_IN, QUESTIONS, EngagementWorld, assembly_plan
from tests.support.callers import ENGAGEMENT_OFFICER

OWNER: Final = person(new_id())
SURVEY: Final = {"title": "What first?", "questions": QUESTIONS}
ANSWERS: Final = {"group": "unpaid_carers", "answers": {"order": ["a", "b", "c"]}}
OUTCOME: Final = {"measure": "breaks_for_carers", "direction": "better", "people_affected": 120}


async def draft_survey(world: EngagementWorld) -> Prepared:
    return {"survey_id": (await world.json(ENGAGEMENT_OFFICER, "POST", "/v1/surveys", SURVEY))["id"]}


async def open_survey(world: EngagementWorld) -> Prepared:
    return {"survey_id": await world.open_survey()}


async def survey_for_signed_in(world: EngagementWorld) -> Prepared:
    return {"survey_id": await world.open_survey(groups=EVERY_GROUP_SIGNED_IN)}


async def invitation(world: EngagementWorld) -> Prepared:
    survey = await world.open_survey()
    return {"survey_id": survey, "invitation": (await world.invite(survey))[0]}


async def closed_survey(world: EngagementWorld) -> Prepared:
    survey = await world.open_survey()
    await world.json(ENGAGEMENT_OFFICER, "POST", f"/v1/surveys/{survey}/close")
    return {"survey_id": survey}


async def topic(world: EngagementWorld) -> Prepared:
    return {"topic_id": await world.topic(f"Topic {new_id()}")}


async def assembly(world: EngagementWorld) -> Prepared:
    """Open an assembly of tomorrow with free places."""
    return {"assembly_id": await world.open_assembly(topic_id=(await topic(world))["topic_id"])}


async def registration(world: EngagementWorld) -> Prepared:
    held = (await assembly(world))["assembly_id"]
    return {"assembly_id": held, "registration_id": (await world.register(held, OWNER))["id"]}


async def held_registration(world: EngagementWorld) -> Prepared:
    """Register for an assembly that has been held since."""
    prepared = await registration(world)
    await world.hold_assembly(prepared["assembly_id"])
    return prepared


async def project(world: EngagementWorld) -> Prepared:
    body = new_project({**await topic(world), "item_id": await world.item()})
    return {"project_id": (await world.json(ENGAGEMENT_OFFICER, "POST", "/v1/projects", body))["id"]}


async def topic_and_item(world: EngagementWorld) -> Prepared:
    return {**await topic(world), "item_id": await world.item()}


async def outcome(world: EngagementWorld) -> Prepared:
    started = await project(world)
    path = f"/v1/projects/{started['project_id']}/outcomes"
    return {**started, "outcome_id": (await world.json(ENGAGEMENT_OFFICER, "POST", path, OUTCOME))["id"]}


def new_project(prepared: Prepared) -> Prepared:
    return {
        "title": "A break on the first visit",
        "model": "demonstrator",
        "topic_id": prepared["topic_id"],
        "applies": [prepared["item_id"]],
    }


def new_assembly(prepared: Prepared) -> Prepared:
    return assembly_plan(prepared["topic_id"])


NOUNS: Final = (
    operations("engagement"),
    Noun(
        "engagement",
        "surveys",
        (
            Attempt("POST /v1/surveys", body=SURVEY),
            Attempt("GET /v1/surveys"),
            Attempt("GET /v1/surveys/{survey_id} (a draft)", draft_survey),
            Attempt("GET /v1/surveys/{survey_id} (open)", open_survey),
            Attempt("PATCH /v1/surveys/{survey_id}", draft_survey, {"title": "What comes first?"}),
            Attempt("POST /v1/surveys/{survey_id}/open", draft_survey),
            Attempt("POST /v1/surveys/{survey_id}/invitations", open_survey, {"group": "unpaid_carers", "count": 1}),
            Attempt(
                "POST /v1/surveys/{survey_id}/responses (signed in as others)",
                survey_for_signed_in,
                ANSWERS | {"group": "others"},
            ),
            Attempt("POST /v1/surveys/{survey_id}/responses (signed in as a carer)", survey_for_signed_in, ANSWERS),
            Attempt(
                "POST /v1/surveys/{survey_id}/responses (with an invitation)",
                invitation,
                ANSWERS,
                headers=lambda prepared: {"Invitation": prepared["invitation"]},
            ),
            Attempt("POST /v1/surveys/{survey_id}/close", open_survey),
            Attempt("GET /v1/surveys/{survey_id}/results", closed_survey),
        ),
        scopes="surveys",
    ),
    Noun(
        "engagement",
        "assemblies",
        (
            Attempt("POST /v1/assemblies", topic, new_assembly),
            Attempt("GET /v1/assemblies"),
            Attempt("GET /v1/assemblies/{assembly_id}", assembly),
            Attempt("PATCH /v1/assemblies/{assembly_id}", assembly, {"place": "The town hall"}),
            Attempt("POST /v1/assemblies/{assembly_id}/registrations", assembly, {}),
            Attempt("GET /v1/assemblies/{assembly_id}/registrations", registration),
            Attempt("GET /v1/assemblies/{assembly_id}/registrations/{registration_id}", registration),
            Attempt(
                "PATCH /v1/assemblies/{assembly_id}/registrations/{registration_id}", registration, {"access_needs": []}
            ),
            Attempt("POST /v1/assemblies/{assembly_id}/registrations/{registration_id}/cancel", registration),
            Attempt(
                "POST /v1/assemblies/{assembly_id}/attendance",
                held_registration,
                lambda prepared: {"registration_id": prepared["registration_id"], "attended": True},
            ),
            Attempt("GET /v1/me/access-needs"),
            Attempt("PUT /v1/me/access-needs", body={"access_needs": ["step-free way in"]}),
        ),
        scopes="assemblies",
        owner=OWNER,
    ),
    Noun(
        "engagement",
        "projects",
        (
            Attempt("POST /v1/projects", topic_and_item, new_project),
            Attempt("GET /v1/projects"),
            Attempt("GET /v1/projects/{project_id}", project),
            Attempt("POST /v1/projects/{project_id}/outcomes", project, OUTCOME),
            Attempt("GET /v1/projects/{project_id}/outcomes", outcome),
            Attempt("GET /v1/projects/{project_id}/outcomes/{outcome_id}", outcome),
        ),
        scopes="projects",
    ),
)
