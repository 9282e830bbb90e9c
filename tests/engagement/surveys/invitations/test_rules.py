import hashlib
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.engagement.surveys.invitations.rules import SECRET_BYTES, InvitationUnknown, Issuer
from shared.persistence.tables import new_id

ISSUER = Issuer(b"k" * 32)
SURVEY = new_id()
secret = st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES)


@given(secret)
def test_a_token_fits_in_a_link_and_is_recognised_by_its_survey(secret: bytes) -> None:
    token = ISSUER.token(SURVEY, secret)
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", token)
    assert ISSUER.recognised(SURVEY, f" {token} ") == hashlib.sha256(secret).digest()


@given(secret)
def test_a_token_of_another_survey_or_another_key_is_unknown(secret: bytes) -> None:
    token = ISSUER.token(SURVEY, secret)
    for issuer, survey in ((ISSUER, new_id()), (Issuer(b"l" * 32), SURVEY)):
        with pytest.raises(InvitationUnknown):
            issuer.recognised(survey, token)


@given(secret, st.integers(0, 31), st.characters(codec="utf-8"))
@example(b"\xff" * SECRET_BYTES, 0, "/")
def test_a_token_with_any_character_changed_is_unknown(secret: bytes, place: int, other: str) -> None:
    token = ISSUER.token(SURVEY, secret)
    changed = token[:place] + other + token[place + 1 :]
    if changed.strip() != token:
        with pytest.raises(InvitationUnknown):
            ISSUER.recognised(SURVEY, changed)


@given(st.text())
def test_anything_else_is_unknown(token: str) -> None:
    with pytest.raises(InvitationUnknown):
        ISSUER.recognised(SURVEY, token)
