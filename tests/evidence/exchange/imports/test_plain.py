import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.exchange.readers.fields import plain_text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<i>In vitro</i> care", "In vitro care"),
        ("<jats:p>One.</jats:p><jats:p>Two.</jats:p>", "One. Two."),
        ("a&lt;b&gt;bold&lt;/b&gt;", "abold"),
        ("&amp;lt;i&amp;gt;twice&amp;lt;/i&amp;gt;", "twice"),
        ("p < 0.05 and n > 30", "p < 0.05 and n > 30"),
        ("p &lt; 0.05", "p < 0.05"),
        ("R&D in care &amp; support", "R&D in care & support"),
        ("before<script>alert(1)</script>after", "before after"),
        ("before<script>alert(1)", "before"),
        ("<img src=x onerror=alert(1)>words", "words"),
        ("words <img src=x onerror=alert(1)", "words < img src=x onerror=alert(1)"),
        ("<scr<script></script>ipt>alert(1)</script>", "alert(1)"),
        ("<style>p{}</style><!-- note -->words", "words"),
        ("H&#8322;O &eacute;t&eacute;", "H\u2082O été"),
        ("&nosuchname; stays", "&nosuchname; stays"),
        ("=1+1", "=1+1"),
    ],
)
def test_markup_becomes_plain_words(given: str, kept: str) -> None:
    assert plain_text.words(given) == kept


def test_paragraphs_stay_apart_in_prose() -> None:
    assert plain_text.prose("<p>One.</p>\n<p>Two &amp; three.</p>") == "One.\nTwo & three."


pieces = st.sampled_from(
    ["<", ">", "</", "script", "img", " onerror=x", "&lt;", "&gt;", "&amp;", "lt;", "!--", "-->", "a", "p>", "/", " "]
)


@given(st.lists(pieces, max_size=25))
def test_no_tag_is_left_that_a_page_would_run(told: list[str]) -> None:
    kept = plain_text.words("".join(told))
    for place, character in enumerate(kept):
        if character == "<":
            assert not kept[place + 1 : place + 2].isalpha()
            assert kept[place + 1 : place + 2] not in {"/", "!", "?"}
