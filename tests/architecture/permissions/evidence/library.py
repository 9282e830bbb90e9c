"""Attempts on topics, evidence items, their consent, words, versions, renditions, judgements and appraisals."""

from typing import Any, Final

from shared.callers import Role, person
from shared.persistence.tables import new_id
from tests.architecture.permissions.attempts import Attempt, Noun, Prepared
from tests.evidence.library.appraisals.test_api import ADA, answers, decide, judge_twice, open_appraisal
from tests.evidence.library.renditions.renditions import EASY_READ
from tests.evidence.library.transferability.test_api import ENGLISH_COUNCIL
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR

FACILITATOR: Final = person(new_id(), Role.FACILITATOR)
INSTRUMENT: Final = "jbi-narrative"
RETRACTION: Final = {
    "nature": "retraction",
    "on": "2026-01-05",
    "reasons": ["Error in analyses"],
    "source": "The journal",
}
SETTLED: Final = {"resolutions": [{"criterion": "3", "answer": "yes", "reason": "On the second page."}]}


async def topic(world: EvidenceWorld) -> Prepared:
    return {"topic_id": await world.topic(f"Topic {new_id()}")}


async def draft(world: EvidenceWorld) -> Prepared:
    return {"item_id": await world.draft(PRACTICE, title=f"Practice {new_id()}")}


async def published(world: EvidenceWorld) -> Prepared:
    item = await world.publish(PRACTICE, title=f"Practice {new_id()}")
    return {"item_id": item, "original_id": item, "edition": 1}


async def account(world: EvidenceWorld) -> Prepared:
    return {"item_id": await world.publish(ACCOUNT)}


async def proposed_by_editor(world: EvidenceWorld) -> Prepared:
    item = await world.publish(ACCOUNT)
    path = await world.propose(f"/v1/evidence/{item}", account="Other words.")
    return {"item_id": item, "proposal_id": path.rpartition("/")[2]}


async def proposed_by_person(world: EvidenceWorld) -> Prepared:
    item = await world.publish(ACCOUNT)
    path = await world.propose(f"/v1/evidence/{item}", CARER, account="My own words.")
    return {"item_id": item, "proposal_id": path.rpartition("/")[2]}


async def research(world: EvidenceWorld) -> Prepared:
    return {"item_id": await world.publish(RESEARCH, title=f"A trial {new_id()}", identifiers=[])}


async def changed(world: EvidenceWorld) -> Prepared:
    """Publish an item and change it, so that it has an earlier edition."""
    prepared = await published(world)
    path = f"/v1/evidence/{prepared['item_id']}"
    await world.json(EDITOR, "PATCH", path, {"what_happened": "Half of them did."}, If_Match="*")
    return prepared


async def rendition(world: EvidenceWorld) -> Prepared:
    prepared = await published(world)
    path = f"/v1/evidence/{prepared['item_id']}/renditions"
    return {**prepared, "rendition_id": (await world.json(EDITOR, "POST", path, EASY_READ))["id"]}


async def judgement(world: EvidenceWorld) -> Prepared:
    prepared = await published(world)
    path = f"/v1/evidence/{prepared['item_id']}/transferability"
    return {**prepared, "judgement_id": (await world.json(FACILITATOR, "POST", path, ENGLISH_COUNCIL))["id"]}


async def appraisal(world: EvidenceWorld) -> Prepared:
    return _appraisal(await open_appraisal(world, await world.publish(ACCOUNT), INSTRUMENT))


async def differing_appraisal(world: EvidenceWorld) -> Prepared:
    """Create an appraisal whose two judgements differ in one criterion."""
    return _appraisal(await judge_twice(world, await world.publish(ACCOUNT), INSTRUMENT, c3="no"))


async def proposed_resolution(world: EvidenceWorld) -> Prepared:
    """Create an appraisal whose differences one of the two appraisers has proposed to settle."""
    prepared = await differing_appraisal(world)
    path = f"/v1/evidence/{prepared['item_id']}/appraisals/{prepared['appraisal_id']}"
    await decide(world, ADA, path, "resolve", SETTLED)
    return prepared


async def resolved_appraisal(world: EvidenceWorld) -> Prepared:
    return _appraisal(await judge_twice(world, await world.publish(ACCOUNT), INSTRUMENT))


def _appraisal(path: str) -> Prepared:
    _, item, _, appraisal_id = path.rsplit("/", 3)
    return {"item_id": item, "appraisal_id": appraisal_id}


def new_topic(_prepared: Prepared) -> dict[str, Any]:
    return {"name": f"Topic {new_id()}"}


ITEM: Final = "/v1/evidence/{item_id}"
PROPOSAL: Final = "/v1/evidence/proposals/{proposal_id}"
NOUNS: Final = (
    Noun(
        "evidence",
        "topics",
        (
            Attempt("POST /v1/topics", body=new_topic),
            Attempt("PATCH /v1/topics/{topic_id}", topic, new_topic),
            Attempt("GET /v1/topics"),
            Attempt("GET /v1/topics/tree"),
            Attempt("GET /v1/topics/gaps"),
            Attempt("GET /v1/topics/{topic_id}", topic),
            Attempt("GET /v1/topics/{topic_id}/coverage", topic),
        ),
        scopes="evidence",
    ),
    Noun(
        "evidence",
        "items",
        (
            Attempt("POST /v1/evidence", body=PRACTICE),
            Attempt("GET /v1/evidence"),
            Attempt("GET /v1/evidence?status=draft"),
            Attempt(f"GET {ITEM} (a draft)", draft),
            Attempt(f"GET {ITEM} (published)", published),
            Attempt(f"PATCH {ITEM} (a draft)", draft, {"setting": "home care"}),
            Attempt(f"PATCH {ITEM} (published)", published, {"setting": "home care"}),
            Attempt(f"PATCH {ITEM} (the words of an account)", account, {"account": "Other words."}),
            Attempt(f"POST {ITEM}/publish", draft),
            Attempt(f"POST {ITEM}/withdraw (a draft)", draft),
            Attempt(f"POST {ITEM}/withdraw (published)", published),
            Attempt(f"POST {ITEM}/retract", research, RETRACTION),
            Attempt(f"GET {ITEM}/versions (of a draft)", draft),
            Attempt(f"GET {ITEM}/versions (of what is published)", published),
            Attempt(f"GET {ITEM}/versions/{{edition}}", changed),
            Attempt(f"DELETE {ITEM}/versions/{{edition}}", changed),
            Attempt(f"GET {ITEM}/consent", account),
            Attempt(f"PUT {ITEM}/consent (which allows less)", account, {**ACCOUNT["consent"], "to_publish": False}),
            Attempt(f"PUT {ITEM}/consent (which allows more)", account, {**ACCOUNT["consent"], "name": "Mary Ann"}),
            Attempt(f"PUT {ITEM}/credit", published, {"attribution": "anonymous"}),
            Attempt(f"GET {ITEM}/citation?style=apa", published),
            Attempt(f"GET {ITEM}/linkset", published),
            Attempt("GET /v1/contributions"),
        ),
        scopes="evidence",
        owner=CARER,
    ),
    Noun(
        "evidence",
        "proposals",
        (
            Attempt("GET /v1/evidence/proposals"),
            Attempt(f"GET {PROPOSAL}", proposed_by_editor),
            Attempt(f"POST {PROPOSAL}/accept (of an editor)", proposed_by_editor),
            Attempt(f"POST {PROPOSAL}/accept (of the person)", proposed_by_person),
            Attempt(f"POST {PROPOSAL}/decline (of an editor)", proposed_by_editor),
            Attempt(f"POST {PROPOSAL}/decline (of the person)", proposed_by_person),
            Attempt(f"POST {PROPOSAL}/replace (of the person)", proposed_by_person, {"title": "In other words"}),
            Attempt(f"POST {PROPOSAL}/withdraw (of an editor)", proposed_by_editor),
            Attempt(f"POST {PROPOSAL}/withdraw (of the person)", proposed_by_person),
        ),
        scopes="evidence",
        owner=CARER,
    ),
    Noun(
        "evidence",
        "renditions",
        (
            Attempt("GET /v1/evidence/renditions/outdated"),
            Attempt("GET /v1/evidence/{original_id}/renditions", rendition),
            Attempt("POST /v1/evidence/{original_id}/renditions", published, EASY_READ),
            Attempt("GET /v1/evidence/{original_id}/renditions/{rendition_id}", rendition),
            Attempt("PATCH /v1/evidence/{original_id}/renditions/{rendition_id}", rendition, {"title": "A week"}),
            Attempt("DELETE /v1/evidence/{original_id}/renditions/{rendition_id}", rendition),
        ),
        scopes="evidence",
    ),
    Noun(
        "evidence",
        "transferability",
        (
            Attempt("GET /v1/evidence/transferability/criteria"),
            Attempt(f"GET {ITEM}/transferability", judgement),
            Attempt(f"POST {ITEM}/transferability", published, ENGLISH_COUNCIL),
            Attempt(f"GET {ITEM}/transferability/{{judgement_id}}", judgement),
            Attempt(f"PATCH {ITEM}/transferability/{{judgement_id}}", judgement, {"needs": "A shared fund."}),
            Attempt(f"DELETE {ITEM}/transferability/{{judgement_id}}", judgement),
        ),
        scopes="evidence",
        owner=FACILITATOR,
    ),
    Noun(
        "evidence",
        "appraisals",
        (
            Attempt("GET /v1/evidence/appraisals/instruments"),
            Attempt("GET /v1/evidence/appraisals/waiting"),
            Attempt("GET /v1/evidence/appraisals/agreement"),
            Attempt(f"GET {ITEM}/appraisals", appraisal),
            Attempt(f"POST {ITEM}/appraisals", account, {"instrument": INSTRUMENT}),
            Attempt(f"GET {ITEM}/appraisals/{{appraisal_id}} (under way)", appraisal),
            Attempt(f"GET {ITEM}/appraisals/{{appraisal_id}} (resolved)", resolved_appraisal),
            Attempt(f"POST {ITEM}/appraisals/{{appraisal_id}}/judgements", appraisal, answers(INSTRUMENT)),
            Attempt(f"POST {ITEM}/appraisals/{{appraisal_id}}/resolve", differing_appraisal, SETTLED),
            Attempt(f"POST {ITEM}/appraisals/{{appraisal_id}}/accept", proposed_resolution),
            Attempt(
                f"POST {ITEM}/appraisals/{{appraisal_id}}/decline", proposed_resolution, {"because": "It is not there."}
            ),
        ),
        scopes="evidence",
        owner=CARER,
    ),
)
