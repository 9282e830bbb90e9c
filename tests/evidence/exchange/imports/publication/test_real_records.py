"""No record of the real files is held back because of what somebody unrelated took back."""

from itertools import chain
from pathlib import Path

import yaml

from services.evidence.exchange.additions.rules import all_texts
from services.evidence.exchange.readers.encodings import decode
from services.evidence.library.items.words.rules import (
    KnownText,
    fingerprints_of,
    is_taken_back,
    may_repeat,
    remembered_fingerprints,
)
from shared import clock
from shared.persistence.tables import new_id
from shared.problems import Problem
from tests.evidence.exchange.file_reader import part_of
from tests.support.prerequisites import DATA, require_path

DEMO = Path(__file__).parents[5] / "deploy" / "demo" / "library"
SECRET = "of this test"
EVERYDAY = [
    "My experience of caring for my mother with dementia at home, and what helped me and my family.",
    "Looking after somebody at home is hard work. There was no support for unpaid carers in our area at all.",
    "A literature review of the evidence on support for family carers of older people living with dementia.",
    "We used a qualitative design with semi-structured interviews to explore the experiences of carers.",
]
"""Short, and in the words that everybody uses."""


def unrelated_texts() -> list[str]:
    """The accounts and practice knowledge of the library for demonstrations, and the everyday ones."""
    files = (DEMO / "accounts.yaml", DEMO / "practice.yaml")
    entries = chain.from_iterable(yaml.safe_load(file.read_text()) for file in files)
    fields = ("summary", "account", "what_was_done", "what_happened", "what_it_needs")
    return [*EVERYDAY, *(entry[name] for entry in entries for name in fields if entry.get(name))]


def test_no_real_record_repeats_an_unrelated_account() -> None:
    taken_back = [
        KnownText(new_id(), new_id(), "withdrawn", text, clock.now())
        for text in remembered_fingerprints(unrelated_texts(), SECRET)
    ]
    shingles = frozenset(chain.from_iterable(text.fingerprint.shingles for text in taken_back))
    records = held = 0
    for file in sorted(require_path(DATA / "evidence").rglob("*")):
        if not file.is_file():
            continue
        try:
            works = part_of(decode(file.read_bytes())).works
        except Problem:
            continue
        for work in works:
            texts = all_texts(work.description)
            records += 1
            held += may_repeat(texts, shingles, SECRET) and is_taken_back(fingerprints_of(texts, SECRET), taken_back)
    assert records > 2_600
    assert held == 0
