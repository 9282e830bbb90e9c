"""The colours of the compiled styles: what is read, and what marks a field, has enough contrast (WCAG 2.2)."""

import re

import pytest

from gateway.web.layout.assets import FOLDER

CSS = (FOLDER / "impact.css").read_text()
LIGHT = {
    name: colour
    for rules in re.findall(r":root\{([^}]*)\}", CSS)
    for name, colour in re.findall(r"--([\w-]+):\s*#([0-9a-f]+)", rules)
}
DARK = LIGHT | dict(re.findall(r"--([\w-]+):\s*#([0-9a-f]+)", CSS.split("prefers-color-scheme: dark")[1].split("}")[0]))
TEXTS = ("text", "secondary-text", "link", "link-visited", "link-hover", "error", "success")
WAYS = ("impact-research", "impact-lived-experience", "impact-practice-knowledge")


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


def luminous(scheme: dict[str, str], text: str, background: str) -> float:
    return contrast(scheme[text], scheme[background])


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_texts_and_links_have_enough_contrast(scheme: dict[str, str]) -> None:
    pairs = [
        *((f"govuk-{text}-colour", "govuk-body-background-colour") for text in TEXTS),
        *((f"govuk-{text}-colour", "impact-soft") for text in ("text", "link")),
        *((way, "govuk-body-background-colour") for way in WAYS),
        ("govuk-text-colour", "govuk-template-background-colour"),
        ("govuk-text-colour", "impact-field"),
        ("govuk-text-colour", "impact-secondary"),
        ("govuk-text-colour", "impact-secondary-hover"),
        ("govuk-text-colour", "impact-tag"),
        ("govuk-focus-text-colour", "govuk-focus-colour"),
        ("impact-header-text", "impact-header"),
        ("impact-button-text", "impact-button"),
        ("impact-button-text", "impact-button-hover"),
    ]
    assert [(pair, luminous(scheme, *pair)) for pair in pairs if luminous(scheme, *pair) < 4.5] == []


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_borders_of_fields_can_be_seen(scheme: dict[str, str]) -> None:
    assert luminous(scheme, "govuk-input-border-colour", "impact-field") >= 3


def test_the_dark_has_colours_of_its_own() -> None:
    assert sum(DARK[name] != LIGHT[name] for name in LIGHT) > 20


def test_contrast_is_measured_as_the_standard_does() -> None:
    assert contrast("fff", "000000") == pytest.approx(21)
    assert contrast("777777", "fff") == pytest.approx(4.48, abs=0.01)


def test_every_class_of_our_own_is_used_by_a_page() -> None:
    web = FOLDER.parents[1]
    sources = "".join(path.read_text() for kind in ("*.html", "*.py", "*.js") for path in web.rglob(kind))
    names = set(re.findall(r"\.(impact-[\w-]+)", CSS))
    made = {name for name in names if f"{name.rpartition('--')[0]}--{{{{" in sources}
    assert sorted(name for name in names - made if name not in sources) == []
