"""The needs and items by which fairness of search is measured, as they were written before anything was tuned.

Each need has one study, one account and one piece of practice knowledge that answer it. The questions were written from
the needs by somebody who has not read the items. Even needs stay unseen until the tuning is over.
"""

import json
from pathlib import Path
from typing import Any, NamedTuple

_FOLDER = Path(__file__).parent


class Need(NamedTuple):
    """What somebody is up against, in neutral words, from which a question is written in `language`."""

    id: str
    half: str
    priority: str
    language: str
    who: str
    situation: str


class LabelledItem(NamedTuple):
    """The body of a POST to `/v1/evidence`, and the id of the need that it answers."""

    need: str
    evidence: dict[str, Any]


class NeedQuestion(NamedTuple):
    """What the person of the need would type into a search box."""

    need: str
    question: str


def load_needs() -> list[Need]:
    """Return the 50 needs, in the order of their ids."""
    return [Need(**row) for row in json.loads((_FOLDER / "needs.json").read_text())]


def load_items() -> list[LabelledItem]:
    """Return the 150 items, in the order of their needs: the study, the account, the practice knowledge."""
    return [LabelledItem(**row) for row in json.loads((_FOLDER / "items.json").read_text())]


def load_questions() -> list[NeedQuestion]:
    """Return the 50 questions, in the order of their needs."""
    return [NeedQuestion(**row) for row in json.loads((_FOLDER / "questions.json").read_text())]
