import pytest

from services.evidence.publications.requests.names import names_somebody, shares_names

OWN = (
    "Which breaks help Mrs Sample's daughter in Mill Lane? Aisha has not slept since the Care Act assessment by NHS "
    "England. Her brother Tomasz says that Universal Credit and Carers UK do not help with Lewy body dementia in "
    "Wales on a Monday."
)


@pytest.mark.parametrize(
    "title",
    [
        "Breaks in Mill Lane for Mrs Sample",
        "Breaks for carers in Mill Lane",
        "breaks for carers in mill lane",
        "BREAKS FOR CARERS IN MILL LANE",
        "Breaks For Carers In Mill Lane",
        "What helps Tomasz and his sister Aisha?",
        "What Aisha asks for her brother Tomasz",
        "How the Samples find a break: what Tomasz Sample can do",
    ],
)
def test_two_names_of_the_asker_are_no_title(title: str) -> None:
    assert names_somebody(title, OWN) or shares_names(title, OWN)


@pytest.mark.parametrize(
    "title",
    [
        "Which breaks help a carer who lives with the person?",
        "Which Breaks Help Carers Who Live With The Person?",
        "Breaks after a Care Act assessment in Wales",
        "Universal Credit, Carers UK and the Care Act: what helps on a Monday?",
        "Does NHS England pay for breaks with Lewy body dementia?",
        "How do people sleep who care for somebody? Which breaks help?",
        "What does Aisha mean?",
        "Breaks along the lane by the mill: a sample of families",
        "",
    ],
)
def test_an_ordinary_title_is_none_of_somebodys(title: str) -> None:
    assert not names_somebody(title, OWN)
    assert not shares_names(title, OWN)


@pytest.mark.parametrize(
    ("text", "is_somebody"),
    [
        ("Begin with one hour for Mrs Sample.", True),
        ("Begin with one hour for mrs. sample.", True),
        ("Begin where Sample lives.", True),
        ("Ask the neighbours in mill lane.", True),
        ("Carers UK and Marie Curie know more. A sample of families was asked.", False),
        ("Samples of families were asked.", False),
    ],
)
def test_an_answer_names_organisations_but_no_person_and_no_address(text: str, is_somebody: bool) -> None:
    own = "Mrs Sample in Mill Lane wants to know whether Marie Curie or Carers UK help at night."
    assert names_somebody(text, own) is is_somebody


def test_an_asker_who_writes_an_honorific_small_is_understood() -> None:
    assert names_somebody("A break for Mr Patel", "does anybody visit mr patel at night?")
    assert not names_somebody("A rest for carers", "does anybody visit Mr Rest at night?")
