import hashlib
import re
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.engagement.surveys.invitations import rules
from services.engagement.surveys.invitations.rules import SECRET_BYTES, InvitationUnknown, TokenIssuer
from shared.persistence.tables import new_id

ISSUER = TokenIssuer(b"k" * 32)
SURVEY = new_id()
secret = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES)


@given(secret)
def test_a_token_fits_in_a_link_and_is_recognised_by_its_survey(secret: bytes) -> None:
    token = ISSUER.issue(SURVEY, secret)
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", token)
    assert ISSUER.verify(SURVEY, f" {token} ") == hashlib.sha256(secret).digest()


@given(secret)
def test_a_token_of_another_survey_or_another_key_is_unknown(secret: bytes) -> None:
    token = ISSUER.issue(SURVEY, secret)
    for issuer, survey in ((ISSUER, new_id()), (TokenIssuer(b"l" * 32), SURVEY)):
        with pytest.raises(InvitationUnknown):
            issuer.verify(survey, token)


@given(secret, st.integers(0, 31), st.characters(codec="utf-8"))
@example(b"\xff" * SECRET_BYTES, 0, "/")
def test_a_token_with_any_character_changed_is_unknown(secret: bytes, index: int, other: str) -> None:
    token = ISSUER.issue(SURVEY, secret)
    changed = token[:index] + other + token[index + 1 :]
    if changed.strip() != token:
        with pytest.raises(InvitationUnknown):
            ISSUER.verify(SURVEY, changed)


@given(st.text())
def test_anything_else_is_unknown(token: str) -> None:
    with pytest.raises(InvitationUnknown):
        ISSUER.verify(SURVEY, token)


def test_a_persons_hash_differs_by_survey_and_key() -> None:
    person, first, second = UUID(int=1), UUID(int=2), UUID(int=3)
    hashes = {
        rules.person_hash(b"k" * 32, first, person),
        rules.person_hash(b"k" * 32, second, person),
        rules.person_hash(b"l" * 32, first, person),
    }
    assert len(hashes) == 3
    assert all(len(hash) == 32 for hash in hashes)
