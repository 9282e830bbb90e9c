import re
from itertools import product

import pytest

from gateway.web.html import STYLE

LIGHT, DARK = (dict(re.findall(r"--(\w+): #([0-9a-f]+)", rules)) for rules in STYLE.split("@media", 1))


def luminance(colour: str) -> float:
    """Return the relative luminance of `rgb` or `rrggbb` (WCAG 2.2)."""
    digits = re.findall("." * (len(colour) // 3), colour)
    channels = [int(channel * (6 // len(colour)), 16) / 255 for channel in digits]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colour: str, background: str) -> float:
    """Return the contrast ratio (WCAG 2.2)."""
    darker, lighter = sorted((luminance(colour), luminance(background)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_links_and_keyboard_focus_have_enough_contrast(scheme: dict[str, str]) -> None:
    for background, text in product(("paper", "soft"), ("ink", "link")):
        assert contrast(scheme[text], scheme[background]) >= 4.5, (text, background)
    for background in ("paper", "soft"):
        assert contrast(scheme["focus"], scheme[background]) >= 3, background


def test_contrast_is_measured_as_the_standard_does() -> None:
    assert contrast("fff", "000000") == pytest.approx(21)
    assert contrast("777777", "fff") == pytest.approx(4.48, abs=0.01)
