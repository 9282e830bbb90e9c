"""Attempts on guides, learning pieces, records of completion and questions of the front line."""

from datetime import timedelta
from typing import Final

from sqlalchemy import text

from shared import clock
from shared.persistence.tables import new_id
from tests.architecture.permissions.attempts import Attempt, Noun, Prepared
from tests.evidence.library.renditions.renditions import EASY_READ
from tests.evidence.publications.guides import guide_factories
from tests.evidence.publications.learning import learning_factories
from tests.evidence.publications.requests.request_factories import ASKER, REWORDED, WORDS, answer_request, ask, do
from tests.evidence.world import PRACTICE, EvidenceWorld
from tests.support.callers import EDITOR

LEARNER: Final = ASKER
KEEP: Final = {"decision": "keep", "because": "It says the same."}
DECISION: Final = {"turn": 1, "decision": "keep", "because": "Two other studies say the same."}
QUESTION: Final = {"question": WORDS, "urgency": "this_week"}
USED: Final = {"used": "yes", "what_happened": "She slept."}


async def draft_guide(world: EvidenceWorld) -> Prepared:
    return {"guide_id": await guide_factories.create_draft(world)}


async def submitted_guide(world: EvidenceWorld) -> Prepared:
    prepared = await draft_guide(world)
    await world.json(EDITOR, "POST", f"/v1/guides/{prepared['guide_id']}/submit")
    return prepared


async def guide(world: EvidenceWorld) -> Prepared:
    guide_id = (await guide_factories.publish_guide(world))["id"]
    return {"guide_id": guide_id, "original_id": guide_id, "edition": 1}


async def guide_with_next_edition(world: EvidenceWorld) -> Prepared:
    prepared = await guide(world)
    await guide_factories.change_guide(world, prepared["guide_id"], {"summary": "More."})
    return prepared


async def flagged_guide(world: EvidenceWorld) -> Prepared:
    """An item that it cites has changed since."""
    (paper,) = await guide_factories.publish_papers(world, f"A paper that changes: {new_id()}")
    cited = await guide_factories.publish_guide(world, guide_factories.statement(paper))
    await guide_factories.change_item(world, paper, summary="Something else.")
    await guide_factories.handle_item_events(world)
    return {"guide_id": cited["id"], "statement_id": cited["statements"][0]["id"], "item_id": paper}


async def guide_rendition(world: EvidenceWorld) -> Prepared:
    prepared = await guide(world)
    path = f"/v1/guides/{prepared['guide_id']}/renditions"
    return {**prepared, "rendition_id": (await world.json(EDITOR, "POST", path, EASY_READ))["id"]}


async def item(world: EvidenceWorld) -> Prepared:
    return {"item_id": await world.publish(PRACTICE)}


async def draft_piece(world: EvidenceWorld) -> Prepared:
    return {"piece_id": await learning_factories.create_draft(world)}


async def piece(world: EvidenceWorld) -> Prepared:
    return {"piece_id": (await learning_factories.publish_piece(world))["id"]}


async def flagged_piece(world: EvidenceWorld) -> Prepared:
    """The item that it teaches from has changed since."""
    taught = await world.publish(PRACTICE)
    published_piece = await learning_factories.publish_piece(world, items=[{"id": taught}])
    await guide_factories.change_item(world, taught, what_happened="Half did.")
    await guide_factories.handle_item_events(world)
    return {"piece_id": published_piece["id"], "kind": "item", "source_id": taught}


async def completion(world: EvidenceWorld) -> Prepared:
    record = await learning_factories.finish_piece(world, (await piece(world))["piece_id"], LEARNER)
    return {"completion_id": record["id"]}


async def certificate(world: EvidenceWorld) -> Prepared:
    prepared = await completion(world)
    path = f"/v1/learning/completions/{prepared['completion_id']}/certify"
    return {**prepared, "code": (await world.json(LEARNER, "POST", path))["code"]}


async def question(world: EvidenceWorld) -> Prepared:
    return {"request_id": await ask(world)}


async def question_in_thread(world: EvidenceWorld) -> Prepared:
    """Answered with an item, and known as other services know it."""
    topic = await world.topic(f"Topic {new_id()}")
    request = await ask(world, topics=[topic])
    await answer_request(world, request, (await item(world))["item_id"])
    await world.handle_all([(event, new_id()) for event in await world.events()])
    return {"request_id": request}


async def assigned_question(world: EvidenceWorld) -> Prepared:
    """To somebody whose time is over."""
    prepared = await question(world)
    await do(world, prepared["request_id"], "assign")
    async with world.database.transaction() as uow:
        await uow.session.execute(text("UPDATE evidence_requests SET assigned_at = now() - interval '9 days'"))
    return prepared


async def answered(world: EvidenceWorld) -> Prepared:
    prepared = await question(world)
    await answer_request(world, prepared["request_id"])
    return prepared


async def published_answer(world: EvidenceWorld) -> Prepared:
    """Everyone may read its answer."""
    prepared = await answered(world)
    await do(world, prepared["request_id"], "publish", {"question": REWORDED})
    return prepared


async def doubted_answer(world: EvidenceWorld) -> Prepared:
    """What it cites was retracted."""
    prepared = await question(world)
    (cited,) = await guide_factories.publish_papers(world, f"A paper that is retracted: {new_id()}")
    await answer_request(world, prepared["request_id"], cited)
    await world.json(EDITOR, "POST", f"/v1/evidence/{cited}/retract", guide_factories.RETRACTED)
    return prepared


async def used(world: EvidenceWorld) -> Prepared:
    prepared = await answered(world)
    await do(world, prepared["request_id"], "use", USED, by=ASKER)
    return prepared


PIECE: Final = {
    "title": "Asking about a break on the first visit",
    "point": "Carers take breaks that are offered early.",
    "text": "Most carers do not ask for a break. Those who were offered one early took it.",
    "questions": [learning_factories.question(right) for right in learning_factories.RIGHT],
}
REVIEW_ON: Final = {"review_on": (clock.today() + timedelta(days=400)).isoformat()}
REQUEST: Final = "/v1/evidence-requests/{request_id}"
NOUNS: Final = (
    Noun(
        "evidence",
        "guides",
        (
            Attempt("POST /v1/guides", body={"title": "Breaks"}),
            Attempt("GET /v1/guides"),
            Attempt("GET /v1/guides?status=draft"),
            Attempt("GET /v1/guides/flags"),
            Attempt("GET /v1/guides/{guide_id} (a draft)", draft_guide),
            Attempt("GET /v1/guides/{guide_id} (published)", guide),
            Attempt("GET /v1/guides/{guide_id}/draft", draft_guide),
            Attempt("PATCH /v1/guides/{guide_id}", draft_guide, {"title": "A better title"}),
            Attempt("DELETE /v1/guides/{guide_id}/draft", guide_with_next_edition),
            Attempt("GET /v1/guides/{guide_id}/versions", guide),
            Attempt("GET /v1/guides/{guide_id}/versions/{edition}", guide),
            Attempt("POST /v1/guides/{guide_id}/submit", draft_guide),
            Attempt("POST /v1/guides/{guide_id}/return", submitted_guide, {"because": "Say what it costs."}),
            Attempt("POST /v1/guides/{guide_id}/publish", submitted_guide),
            Attempt("POST /v1/guides/{guide_id}/confirm", guide, REVIEW_ON),
            Attempt("POST /v1/guides/{guide_id}/take-over", guide),
            Attempt("POST /v1/guides/{guide_id}/withdraw", guide),
            Attempt(
                "POST /v1/guides/{guide_id}/statements/{statement_id}/citations/{item_id}/resolve",
                flagged_guide,
                KEEP,
                read_at="/v1/guides/{guide_id}",
            ),
            Attempt("GET /v1/guides/{original_id}/renditions", guide_rendition),
            Attempt("POST /v1/guides/{original_id}/renditions", guide, EASY_READ),
            Attempt("GET /v1/guides/{original_id}/renditions/{rendition_id}", guide_rendition),
            Attempt("PATCH /v1/guides/{original_id}/renditions/{rendition_id}", guide_rendition, {"title": "A week"}),
            Attempt("DELETE /v1/guides/{original_id}/renditions/{rendition_id}", guide_rendition),
        ),
        scopes="evidence",
        owner=EDITOR,
    ),
    Noun(
        "evidence",
        "learning",
        (
            Attempt("POST /v1/learning", item, lambda prepared: {**PIECE, "items": [{"id": prepared["item_id"]}]}),
            Attempt("GET /v1/learning"),
            Attempt("GET /v1/learning?status=draft"),
            Attempt("GET /v1/learning/{piece_id} (a draft)", draft_piece),
            Attempt("GET /v1/learning/{piece_id} (published)", piece),
            Attempt("PATCH /v1/learning/{piece_id} (a draft)", draft_piece, {"point": "Offer one early."}),
            Attempt("PATCH /v1/learning/{piece_id} (published)", piece, {"point": "Offer one early."}),
            Attempt("POST /v1/learning/{piece_id}/publish", draft_piece),
            Attempt("POST /v1/learning/{piece_id}/withdraw", piece),
            Attempt(
                "POST /v1/learning/{piece_id}/sources/{kind}/{source_id}/keep",
                flagged_piece,
                {"because": "It holds."},
                read_at="/v1/learning/{piece_id}",
            ),
        ),
        scopes="evidence",
        owner=EDITOR,
    ),
    Noun(
        "evidence",
        "completions",
        (
            Attempt("POST /v1/learning/{piece_id}/completions", piece, {"answers": learning_factories.RIGHT}),
            Attempt("GET /v1/learning/completions"),
            Attempt("GET /v1/learning/completions/{completion_id}", completion),
            Attempt("POST /v1/learning/completions/{completion_id}/certify", completion),
            Attempt("POST /v1/learning/completions/{completion_id}/revoke", certificate),
            Attempt("POST /v1/learning/completions/{completion_id}/erase", completion),
            Attempt("GET /v1/learning/certificates/{code}", certificate),
            Attempt("GET /v1/learning/certificate-keys"),
        ),
        scopes="evidence",
        owner=LEARNER,
    ),
    Noun(
        "evidence",
        "evidence requests",
        (
            Attempt("POST /v1/evidence-requests", body=QUESTION),
            Attempt("GET /v1/evidence-requests"),
            Attempt("POST /v1/evidence-requests/search", body={"question": "Do breaks help?"}),
            Attempt("GET /v1/evidence-requests/mine"),
            Attempt("GET /v1/evidence-requests/queue"),
            Attempt(f"GET {REQUEST} (waiting)", question),
            Attempt(f"GET {REQUEST} (published)", published_answer),
            Attempt(f"GET {REQUEST}/draft", used),
            Attempt(f"PATCH {REQUEST}", question, {"setting": "home care"}),
            Attempt(f"POST {REQUEST}/assign", question),
            Attempt(f"POST {REQUEST}/unassign", assigned_question),
            Attempt(f"POST {REQUEST}/decisions", doubted_answer, DECISION),
            Attempt(f"POST {REQUEST}/answer", question, {"answer": "Begin with one hour at home."}),
            Attempt(f"POST {REQUEST}/publish", answered, {"question": REWORDED}),
            Attempt(f"POST {REQUEST}/unpublish", published_answer),
            Attempt(f"POST {REQUEST}/use", answered, USED),
            Attempt(f"POST {REQUEST}/reopen", answered, {"question": WORDS}),
            Attempt(f"POST {REQUEST}/withdraw", question),
            Attempt("GET /v1/line-of-sight?from=request:{request_id}", question_in_thread),
        ),
        scopes="evidence",
        owner=ASKER,
    ),
)
