"""What templates translate: texts of our own are markup, and nothing else is."""

import pytest

from gateway.web.layout.environment import ENVIRONMENT


@pytest.mark.parametrize("language", ["en", "cy"])
def test_a_value_that_is_translated_is_escaped(language: str) -> None:
    for source in (
        "{{ _(value) }}",
        "{{ gettext(value) }}",
        "{{ _(value, name=1) }}",
        "{{ ngettext(value, value, 2) }}",
    ):
        shown = ENVIRONMENT.from_string(source).render(language=language, value="<script>")
        assert shown == "&lt;script&gt;", source
    assert ENVIRONMENT.from_string("{{ _(value) }}").render(language=language, value="100% <b> %(x)s") == (
        "100% &lt;b&gt; %(x)s"
    )


def test_a_text_of_ours_is_translated_with_its_variables_escaped() -> None:
    source = '{{ _("Sign in with %(name)s", name=value) }}'
    assert ENVIRONMENT.from_string(source).render(language="en", value="<b>") == "Sign in with &lt;b&gt;"
    assert ENVIRONMENT.from_string("{{ _(value) }}").render(language="cy", value="Accessibility") == "Hygyrchedd"
    footer = ENVIRONMENT.from_string("{{ _(\"Good support isn't just about services. It's about having a life.\") }}")
    assert "isn't" in footer.render(language="en")
    plural = '{{ ngettext("%(num)s result", "%(num)s results", 2) }}'
    assert ENVIRONMENT.from_string(plural).render(language="en") == "2 results"
    assert ENVIRONMENT.from_string(plural.replace("2)", "3900)")).render(language="en") == "3,900 results"


@pytest.mark.parametrize(
    ("value", "english", "welsh"),
    [
        ("2021", "2021", "2021"),
        ("2021-12", "December 2021", "Rhagfyr 2021"),
        ("2021-12-05", "5 December 2021", "5 Rhagfyr 2021"),
    ],
)
def test_a_date_says_as_much_as_is_known(value: str, english: str, welsh: str) -> None:
    source = ENVIRONMENT.from_string("{{ day(value) }}")
    assert [source.render(language=language, value=value) for language in ("en", "cy")] == [english, welsh]
