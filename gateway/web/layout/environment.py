"""Jinja: the templates of all pages, which escape every value."""

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader, Undefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from gateway.web import vocabulary
from gateway.web.html import keep_elements
from gateway.web.layout import languages
from gateway.web.layout.assets import asset_path
from shared import clock

WEB: Final = Path(__file__).parent.parent


class StrictWhenPrinted(Undefined):
    """What is not there may be asked for, as the macros of GOV.UK Frontend do, but never printed."""

    def __getattr__(self, name: str) -> "StrictWhenPrinted":
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, _key: object) -> "StrictWhenPrinted":
        return self

    def __str__(self) -> str:
        return self._fail_with_undefined_error()


def _create_environment() -> Environment:
    loader = ChoiceLoader(
        [
            FileSystemLoader(WEB),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    )
    environment = Environment(
        loader=loader,
        autoescape=True,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictWhenPrinted,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_callables(_gettext, _ngettext, newstyle=False)  # type: ignore[attr-defined]  the extension adds it
    helpers: dict[str, Any] = {
        "asset": asset_path,
        "day": _day,
        "number": _number,
        "moment": _moment,
        "still_minutes": _still_minutes,
        "words": vocabulary,
    }
    environment.globals.update(helpers)
    filters: dict[str, Any] = {"keep": keep_elements, "translated": _translated, "in_english": _in_english}
    environment.filters.update(filters)
    return environment


@pass_context
def _gettext(context: Context, text: str, **variables: object) -> Markup:
    """Return the translated text with its variables, which are escaped.

    Jinja's own ("newstyle") takes for markup whatever is translated, also a value that somebody else wrote.
    """
    return _format(text, languages.translate(context["language"], text), variables)


@pass_context
def _ngettext(context: Context, singular: str, plural: str, number: int, **variables: object) -> Markup:
    translated = languages.translate_plural(context["language"], singular, plural, number)
    shown = languages.number_text(context["language"], number) if "%(num)s" in singular else number
    return _format(singular, translated, {"num": shown, **variables})


def _format(text: str, translated: str, variables: Mapping[str, object]) -> Markup:
    if languages.is_known(text):
        return Markup(translated) % variables  # noqa: S704  a text of our own pages
    return escape(translated) % variables if variables else escape(translated)


@pass_context
def _number(context: Context, value: float) -> str:
    return languages.number_text(context["language"], value)


@pass_context
def _translated(context: Context, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the codes of a table of the vocabulary with their names in the language of the page, to choose from."""
    return [(code, languages.translate(context["language"], name)) for code, name in names.items()]


def _in_english(names: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return choices whose names somebody wrote, such as topics, which have no other language."""
    return [(code, name, "en") for code, name in names.items()]


@pass_context
def _day(context: Context, value: str | date | datetime) -> str:
    return languages.date_text(context["language"], value)


@pass_context
def _moment(context: Context, value: str) -> str:
    return languages.moment_text(context["language"], value)


def _still_minutes(moment: str) -> int:
    """Return how many whole minutes ago this was, as the API writes it."""
    return int((clock.now() - datetime.fromisoformat(moment)).total_seconds() // 60)


ENVIRONMENT: Final = _create_environment()
