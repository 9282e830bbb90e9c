from typing import Any

import pytest

from services.evidence.library.items.attribution import credited_names, public_details, widens_consent
from services.evidence.library.items.descriptions import Consent


@pytest.mark.parametrize(
    ("way", "own", "names"),
    [
        ("research", {"authors": ["Okoro, A.", "Lind, B."]}, ["Okoro, A.", "Lind, B."]),
        ("research", {"authors": [], "editors": ["Lind, B."]}, ["Lind, B."]),
        ("research", {}, []),
        ("lived_experience", {"consent": {"attribution": "first_name", "name": "Mary"}}, ["Mary"]),
        ("lived_experience", {"consent": {"attribution": "anonymous", "name": "Mary"}}, []),
        ("lived_experience", {"consent": {"name": "Mary"}}, []),
        ("lived_experience", {}, []),
        ("practice_knowledge", {"credit": {"attribution": "person", "name": "Jo"}}, ["Jo"]),
        ("practice_knowledge", {"credit": None, "role": "social worker"}, []),
    ],
)
def test_one_function_says_whom_to_credit(way: str, own: dict[str, Any], names: list[str]) -> None:
    assert credited_names(way, own) == names


def test_what_anyone_may_have_of_an_account_holds_no_name_that_is_not_shown() -> None:
    consent = {
        "to_publish": True,
        "attribution": "anonymous",
        "name": "Mary",
        "given_by": "someone_acting_for_them",
        "basis": "power_of_attorney",
        "given_on": "2024-02-01",
    }
    public = public_details("lived_experience", {"account": "I slept.", "consent": consent})
    assert public == {
        "account": "I slept.",
        "consent": {"to_publish": True, "attribution": "anonymous", "name": None},
    }
    named = public_details("lived_experience", {"consent": consent | {"attribution": "first_name"}})["consent"]
    assert named == {"to_publish": True, "attribution": "first_name", "name": "Mary"}
    anonymous = {"attribution": "anonymous", "name": "Jo"}
    hidden = public_details("practice_knowledge", {"role": "nurse", "credit": anonymous})
    assert hidden == {"role": "nurse"}


@pytest.mark.parametrize(
    ("old", "new", "wider"),
    [
        (("anonymous", None), ("first_name", "Mary"), True),
        (("first_name", "Mary"), ("first_name", "Maria"), True),
        (("full_name", "Mary Example"), ("anonymous", None), False),
        (("first_name", "Mary"), ("first_name", "Mary"), False),
        (("anonymous", "Mary"), ("anonymous", "Maria"), False),
    ],
)
def test_more_is_a_name_or_more_of_it(old: tuple[str, str | None], new: tuple[str, str | None], wider: bool) -> None:
    before, after = (
        Consent.model_validate({"to_publish": True, "attribution": choice, "name": name}) for choice, name in (old, new)
    )
    assert widens_consent(after, before) is wider


def test_to_publish_what_was_not_to_be_published_is_more() -> None:
    assert widens_consent(Consent(to_publish=True), Consent(to_publish=False))
    assert not widens_consent(Consent(to_publish=False), Consent(to_publish=True))
