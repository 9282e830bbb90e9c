import random
from typing import cast

import pytest
from pylatexenc.latex2text import LatexNodes2Text

from services.evidence.exchange.readers import bibtex

WORDS = (
    *(r"\&", r"\%", r"\_", r"\#", r"\$", r"\{", r"\}", r"\'e", r"{\'e}", r"\"{o}", r"\c{c}", r"\~n", r"\'{\i}"),
    *(r"\v{s}", r"\textbackslash{}", r"\emph{much}", "$x$", "~", "--", "''", "``", "?`", "{ab}", "&", "#", "\\\\"),
    *("care", "é", "\u2019", " ", "  ", "\n", "'", "`", "!", "-", "<", ">", "^", "|", "@", "(", ")", "1"),
)
"""But for a bare %, behind which LaTeX leaves everything as it is: in BibTeX it begins no comment."""


def by_latex_alone(text: str) -> str:
    latex = LatexNodes2Text(math_mode="verbatim", keep_comments=True, strict_latex_spaces=False)
    return cast("str", latex.latex_to_text(text)).replace("{", "").replace("}", "")


@pytest.mark.parametrize("seed", range(20))
def test_the_quick_way_with_plain_escapes_and_accents_says_what_latex_says(seed: int) -> None:
    chance = random.Random(seed)
    texts = ["".join(chance.choices(WORDS, k=chance.randint(1, 12))) + r"\&x" for _ in range(50)]
    for text in texts:
        assert bibtex.strip_latex(text) == by_latex_alone(text), text


def test_a_long_text_with_plain_escapes_is_read_past_latex(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bibtex.strip_latex(r"Caf{\'e}") == "Café"  # one accent is LaTeX's, and then remembered
    monkeypatch.setattr(bibtex, "_latex", None)
    assert bibtex.strip_latex(r"100\% of carers \& staff at Caf{\'e} No\_1 " * 1_000).startswith(
        "100% of carers & staff at Caf"
    )
