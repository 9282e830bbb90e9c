import re
from itertools import product

import pytest

from gateway.web.page import STYLE

LIGHT, DARK = (dict(re.findall(r"--(\w+): #([0-9a-f]+)", part)) for part in STYLE.split("@media", 1))


def luminance(colour: str) -> float:
    """Of `rgb` or `rrggbb` (WCAG 2.2)."""
    each = re.findall("." * (len(colour) // 3), colour)
    parts = [int(part * (6 // len(colour)), 16) / 255 for part in each]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_words_and_the_place_of_the_keyboard_can_be_seen(scheme: dict[str, str]) -> None:
    for ground, words in product(("paper", "soft"), ("ink", "link")):
        assert contrast(scheme[words], scheme[ground]) >= 4.5, (words, ground)
    for ground in ("paper", "soft"):
        assert contrast(scheme["focus"], scheme[ground]) >= 3, ground


def test_contrast_is_measured_as_the_standard_does() -> None:
    assert contrast("fff", "000000") == pytest.approx(21)
    assert contrast("777777", "fff") == pytest.approx(4.48, abs=0.01)
