from collections.abc import Collection

import pytest

from gateway.web.api_client import ApiRefusal
from gateway.web.forms import Form
from gateway.web.layout.refusals import NOT_UNDERSTOOD
from tests.gateway.world import BROWSER, Gateway

FROM_HERE = {**BROWSER, "Sec-Fetch-Site": "same-origin"}


def refusal(*errors: tuple[str, str], detail: str = "Nothing was changed.") -> ApiRefusal:
    fields = [{"pointer": pointer, "detail": text} for pointer, text in errors]
    return ApiRefusal(422, {"detail": detail, "errors": fields}, [])


@pytest.mark.parametrize(
    ("sent", "text", "error"),
    [
        ("  a\r\nb ", "a\nb", None),
        (" \r\n", "", "Write it"),
        ("", "", "Write it"),
        ("é" * 5, "é" * 5, None),
        ("a" * 6, "a" * 6, "Too long"),
        ("a\r\nb\r\nc", "a\nb\nc", None),
    ],
)
def test_a_text_is_counted_as_the_api_does(sent: str, text: str, error: str | None) -> None:
    form = Form({"name": sent})
    assert form.text("name", missing="Write it", longest=5, too_long="Too long") == text
    assert form.errors.get("name") == error
    assert form.values["name"] == text


@pytest.mark.parametrize(("language", "error"), [("en", "Give only one value"), ("cy", "Rhowch un gwerth")])
def test_a_field_that_was_sent_twice_is_refused_and_shows_its_first_value(language: str, error: str) -> None:
    form = Form({"name": [" a", "b"], "empty": []}, language=language)
    assert form.text("name", missing="Write it") == ""
    assert form.text("empty") == ""
    assert (form.values["name"], form.errors) == ("a", {"name": error})


async def test_a_form_that_names_a_field_twice_says_so_at_the_field(gateway: Gateway) -> None:
    response = await gateway.http.post(
        "/sign-in", data={"email": ["a@example.org", "b@example.org"]}, headers=FROM_HERE
    )
    assert (response.status_code, response.text.count("Give only one value")) == (422, 2)
    assert 'value="a@example.org"' in response.text


@pytest.mark.parametrize(("charset", "sent"), [("unicode_escape", b"\\ud800"), ("utf-8", b"a\0b")])
async def test_a_text_that_cannot_be_stored_is_a_problem(gateway: Gateway, charset: str, sent: bytes) -> None:
    headers = {**FROM_HERE, "Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    for name, value in ((b"email", sent), (sent, b"x")):
        body = b'--x\r\nContent-Disposition: form-data; name="' + name + b'"\r\n\r\n' + value + b"\r\n--x--\r\n"
        response = await gateway.http.post("/sign-in", content=body, headers=headers)
        assert (response.status_code, "cannot be read" in response.text) == (400, True)


async def test_a_field_with_nul_is_a_problem_in_each_encoding(gateway: Gateway) -> None:
    headers = {**FROM_HERE, "Content-Type": "application/x-www-form-urlencoded"}
    response = await gateway.http.post("/sign-in", content=b"email=a%00b", headers=headers)
    assert (response.status_code, "cannot be read" in response.text) == (400, True)


def test_only_what_can_be_chosen_is_chosen() -> None:
    form = Form({"a": "x", "b": "evil", "c": ["x", "evil", "y"], "d": "y", "e": ["x", "y"]})
    assert form.choice("a", ("x", "y")) == "x"
    assert form.choice("b", ("x", "y"), missing="Choose") is None
    assert form.choices("c", ("x", "y")) == ["x", "y"]
    assert form.choices("d", ("x", "y")) == ["y"]
    assert form.choice("e", ("x", "y"), missing="Choose one") is None
    assert form.choices("f", ("x", "y"), missing="Choose some") == []
    assert form.errors == {"b": "Choose", "e": "Choose one", "f": "Choose some"}


def test_what_the_api_refuses_stands_at_its_field() -> None:
    form = Form({"title": "x", "story": "y"})
    form.add_refusal(refusal(("/title", "Too short."), ("/details/text", "Too long.")), {"/details/text": "story"})
    assert form.errors == {"title": "Too short.", "story": "Too long."}


def test_what_belongs_to_no_field_is_said_of_the_whole_form() -> None:
    form = Form({"title": "x"})
    form.add_refusal(refusal(("/hidden", "Not this.")))
    assert form.errors == {"": "Not this."}
    form = Form({"title": "x"})
    form.add_refusal(refusal(detail="Somebody else was first."))
    assert form.errors == {"": "Somebody else was first."}


@pytest.mark.parametrize(
    ("detail", "shown"),
    [
        ("String should have at most 1000 characters", "Write 1,000 characters or fewer"),
        ("Input should be a valid UUID, invalid character: found `x` at 0", NOT_UNDERSTOOD),
        ("Input should be 'open' or 'done'", NOT_UNDERSTOOD),
        ("String should match pattern '^https?://[^\\s?#]+$'", NOT_UNDERSTOOD),
        ("Field required", NOT_UNDERSTOOD),
        ("The address of a source must begin with https://.", "The address of a source must begin with https://."),
    ],
)
def test_people_read_no_words_of_programmers(detail: str, shown: str) -> None:
    form = Form({"title": "x"})
    form.add_refusal(refusal(("/title", detail), ("/other", detail), ("/third", detail)))
    assert form.errors == {"title": shown, "": shown}


@pytest.mark.parametrize("choices", [("a", "b"), {"a": "A", "b": "B"}])
def test_a_choice_that_was_sent_twice_is_none_and_its_error_asks_for_one(choices: Collection[str]) -> None:
    form = Form({"kind": ["a", "b"]})
    assert form.choice("kind", choices) is None
    assert form.errors == {"kind": "Give only one value"}
    form = Form({"kind": ["a", "b"]})
    assert form.choice("kind", choices, missing="Choose one") is None
    assert form.errors == {"kind": "Choose one"}
