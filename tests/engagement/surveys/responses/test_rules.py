from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.responses import rules
from services.engagement.surveys.responses.rules import Questionnaire
from services.engagement.surveys.surveys.rules import Admissions, Question
from shared.callers import Role, person
from tests.engagement.world import QUESTIONS

QUESTIONNAIRE = Questionnaire([Question.model_validate(question) for question in QUESTIONS], {})
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-20, 20) | st.floats() | st.text(max_size=5) | st.sampled_from("abc"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "~/"]), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from([*(question["id"] for question in QUESTIONS), "unknown"])


def pointers(answers: dict[str, Any], questionnaire: Questionnaire = QUESTIONNAIRE) -> list[str]:
    try:
        questionnaire.validate(answers)
    except rules.AnswersInvalid as error:
        return [field_error.pointer for field_error in error.errors]
    return []


@given(st.dictionaries(names, anything, min_size=1))
def test_whatever_is_sent_is_either_stored_as_it_is_or_refused_with_pointers(answers: dict[str, Any]) -> None:
    errors = pointers(answers)
    assert all(pointer.startswith("/answers") for pointer in errors)
    if not errors:
        present = {name: answer for name, answer in answers.items() if answer not in (None, "", [], {})}
        assert QUESTIONNAIRE.validate(answers) == present


@pytest.mark.parametrize("ease", [0, 10])
def test_the_ends_of_a_scale_belong_to_it(ease: int) -> None:
    assert pointers({"ease": ease}) == []


@pytest.mark.parametrize("ease", [-1, 11, 5.0, True, "5", [5], {"a": 5}])
def test_a_score_is_a_whole_number_within_its_scale(ease: object) -> None:
    assert pointers({"ease": ease}) == ["/answers/ease"]


@pytest.mark.parametrize(
    ("order", "errors"),
    [
        (["a"], []),
        (["c", "b", "a"], []),
        (["a", "b", "a"], ["/answers/order/2"]),
        (["a", 1, None], ["/answers/order/1", "/answers/order/2"]),
        ("abc", ["/answers/order"]),
    ],
)
def test_a_rank_may_leave_options_out_and_names_none_twice(order: object, errors: list[str]) -> None:
    assert pointers({"order": order}) == errors


def test_text_that_the_database_cannot_store_or_nobody_will_read_is_refused() -> None:
    assert pointers({"more": "a\0b"}) == ["/answers/more"]
    assert pointers({"more": "x" * 2001}) == ["/answers/more"]
    assert pointers({"more": "x" * 2000}) == []


def test_a_text_is_as_long_as_people_see_it() -> None:
    family = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}\N{ZERO WIDTH JOINER}\N{BOY}"
    assert pointers({"more": family * 300}) == []
    assert pointers({"more": family * 2_000}) == []
    assert pointers({"more": family * 2_001}) == ["/answers/more"]


@pytest.mark.parametrize("answers", [{}, {"one": None}, {"more": "", "order": [], "need": {}}])
def test_an_answer_to_nothing_is_no_answer(answers: dict[str, Any]) -> None:
    assert pointers(answers) == ["/answers"]


def test_a_required_question_is_named_when_it_is_skipped() -> None:
    needed = Questionnaire([Question(id="why", kind="free_text", text="Why?", required=True)], {})
    assert pointers({"why": ""}, needed) == ["/answers/why"]
    assert pointers({"why": "Because"}, needed) == []


def test_thousands_of_errors_are_cut_short() -> None:
    assert len(pointers({f"q{n}": 1 for n in range(5000)})) == rules.MAX_ERRORS


def test_a_pointer_escapes_what_would_be_read_as_a_path() -> None:
    assert pointers({"a/b~c": 1}) == ["/answers/a~1b~0c"]


@given(st.dates(date(2000, 1, 1), date(2200, 1, 1)), st.binary(min_size=10, max_size=10))
def test_an_untimed_id_is_a_uuid_of_version_seven_that_tells_the_day_alone(day: date, random: bytes) -> None:
    id = rules.untimed_id(day, random)
    assert (id.version, id.variant) == (7, "specified in RFC 4122")
    assert id.int >> 80 == (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400_000


def test_untimed_ids_differ_with_their_random_bytes() -> None:
    day = date(2026, 11, 23)
    assert len({rules.untimed_id(day, bytes([0] * 7 + [n, 0, 0])) for n in range(256)}) == 256
    assert len({rules.untimed_id(day, bytes([n] + [0] * 9)) for n in range(0, 256, 64)}) >= 1


BY_INVITATION, SIGNED_IN = StakeholderGroup.UNPAID_CARERS, StakeholderGroup.RESEARCHERS
STAFF_ROLES = [role for role in Role if role not in (Role.CONTRIBUTOR, Role.PARTNER)]
ADMISSIONS: Admissions = {BY_INVITATION: "invitation", SIGNED_IN: "signed_in", StakeholderGroup.OTHERS: "signed_in"}


@pytest.mark.parametrize("roles", [(), (Role.PARTNER,)])
def test_somebody_who_signs_in_answers_for_a_group_that_is_let_in_so(roles: tuple[Role, ...]) -> None:
    caller = person(UUID(int=1), *roles)
    assert rules.signed_in_group(caller, SIGNED_IN, ADMISSIONS) == SIGNED_IN
    for group, refusal in (
        (BY_INVITATION, rules.InvitationNeeded),
        (StakeholderGroup.COMMISSIONERS, rules.GroupNotAsked),
    ):
        with pytest.raises(refusal):
            rules.signed_in_group(caller, group, ADMISSIONS)


@pytest.mark.parametrize("role", STAFF_ROLES)
def test_the_centres_staff_answer_as_others_and_choose_no_group(role: Role) -> None:
    caller = person(UUID(int=1), role)
    assert rules.signed_in_group(caller, StakeholderGroup.OTHERS, ADMISSIONS) == StakeholderGroup.OTHERS
    for group in set(StakeholderGroup) - {StakeholderGroup.OTHERS}:
        with pytest.raises(rules.NotYourGroup):
            rules.signed_in_group(caller, group, dict.fromkeys(StakeholderGroup, "signed_in"))
