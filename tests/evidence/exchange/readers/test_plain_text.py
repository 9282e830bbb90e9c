import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.exchange.readers.fields import plain_text


@pytest.mark.parametrize(
    ("markup", "text"),
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
def test_markup_becomes_plain_words(markup: str, text: str) -> None:
    assert plain_text.single_line(markup) == text


def test_paragraphs_stay_apart_in_prose() -> None:
    assert plain_text.paragraphs("<p>One.</p>\n<p>Two &amp; three.</p>") == "One.\nTwo & three."


markup_piece = st.sampled_from(
    ["<", ">", "</", "script", "img", " onerror=x", "&lt;", "&gt;", "&amp;", "lt;", "!--", "-->", "a", "p>", "/", " "]
)


@given(st.lists(markup_piece, max_size=25))
def test_no_tag_is_left_that_a_page_would_run(markup_pieces: list[str]) -> None:
    text = plain_text.single_line("".join(markup_pieces))
    for index, character in enumerate(text):
        if character == "<":
            assert not text[index + 1 : index + 2].isalpha()
            assert text[index + 1 : index + 2] not in {"/", "!", "?"}
