import pytest

from gateway.credentials import sign_in_state
from gateway.credentials.sign_in_state import SignInState, open_state


def test_nobody_makes_or_changes_the_cookie_of_a_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    state = SignInState(state="s", nonce="n", verifier="v", path="/")
    sealed = state.seal("one secret")
    assert open_state(sealed, "one secret") == state
    assert "verifier" not in sealed
    for cookie, secret in ((sealed, "another"), (sealed[:-4] + "AAAA", "one secret"), ("é", "one secret"), ("", "x")):
        assert open_state(cookie, secret) is None
    assert open_state(None, "one secret") is None
    monkeypatch.setattr(sign_in_state, "LIFETIME_SECONDS", 0)
    expired = SignInState(state="s", nonce="n", verifier="v", path="/").seal("one secret")
    assert open_state(expired, "one secret") is None
