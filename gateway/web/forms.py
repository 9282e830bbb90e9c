"""A form that a browser sent: its values, and what is wrong with them, at each field and summed up."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, cast

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from gateway.web.api_client import ApiRefusal
from gateway.web.layout.languages import text, translate
from gateway.web.layout.preferences import COOKIE, Preferences
from gateway.web.layout.refusals import plain_detail
from shared.problems import BadRequest

SEVERAL_VALUES: Final = text("Give only one value")
LABEL: Final = "label:"
"""How the hidden field begins that holds the label of a text field, as it was shown (layout/templates/fields.html)."""
SENT_BEFORE: Final = "impact-sent-before"
"""The hidden field of a form that was sent once, of which nobody knows whether it was saved (unsaved_forms)."""
SUBMITTED: Final = "impact.submitted"
"""Where the scope of a request holds what its form sent."""
NO_DAY: Final = text("Write the date as year, month and day, such as 2027-11-30")


class UnreadableText(BadRequest):
    title = "One of these texts has a character that cannot be read"
    detail = "Send the form as UTF-8, without the character NUL. Nothing was changed."


@dataclass(slots=True)
class Form:
    """The values of a form by name, as they were sent or as they are shown first, and its errors by name.

    An error under the empty name is one of the form as a whole.
    """

    values: dict[str, Any] = field(default_factory=dict[str, Any])
    errors: dict[str, str] = field(default_factory=dict[str, str])
    language: str = "en"
    labels: dict[str, str] = field(default_factory=dict[str, str])
    """What the fields for text were called, by name, where the form was sent."""

    def text(self, name: str, *, missing: str | None = None, longest: int | None = None, too_long: str = "") -> str:
        """Return a text without the spaces around it; notes an error where it is missing, too long or not the only one.

        Length counts as the API does: code points, with line ends as one. Of several values, of which none is returned,
        the first is shown.
        """
        value: Any = self.values.get(name)
        values = cast("list[Any]", value) if isinstance(value, list) else [value]
        text = str((values[0] if values else None) or "").replace("\r\n", "\n").strip()
        self.values[name] = text
        if len(values) > 1:
            self.errors[name] = translate(self.language, SEVERAL_VALUES)
            return ""
        if missing and not text:
            self.errors[name] = missing
        elif longest is not None and len(text) > longest:
            self.errors[name] = too_long
        return text

    def day(self, name: str, *, missing: str | None = None) -> str | None:
        """Return a day as the API takes it, or None; notes an error where it is missing, or no day."""
        value = self.text(name, missing=missing)
        if not value:
            return None
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            self.errors[name] = translate(self.language, NO_DAY)
            return None

    def choice(self, name: str, choices: Collection[str], *, missing: str | None = None) -> str | None:
        """Return which of these was chosen, or None; notes an error where one had to be, or several were sent."""
        value = self.values.get(name)
        is_list = isinstance(value, list)
        if not is_list and value in choices:
            return str(value)
        self.values[name] = None
        if error := missing or (translate(self.language, SEVERAL_VALUES) if is_list else None):
            self.errors[name] = error
        return None

    def choices(self, name: str, choices: Collection[str], *, missing: str | None = None) -> list[str]:
        """Return all of these that were chosen; notes an error where there had to be one."""
        values: Any = self.values.get(name) or []
        chosen: list[str] = [value for value in ([values] if isinstance(values, str) else values) if value in choices]
        self.values[name] = chosen
        if missing and not chosen:
            self.errors[name] = missing
        return chosen

    def add_refusal(self, refusal: ApiRefusal, names: Mapping[str, str] | None = None) -> None:
        """Note what the API refused: at the field of a pointer (`/title` is `title` unless `names` says otherwise).

        What belongs to no field here is an error of the form as a whole.
        """
        rest: list[str] = []
        for pointer, original in refusal.field_errors():
            detail = plain_detail(self.language, original)
            name = (names or {}).get(pointer) or pointer.strip("/").partition("/")[0]
            if name in self.values:
                self.errors.setdefault(name, detail)
            else:
                rest.append(detail)
        if rest or not self.errors:
            self.errors[""] = " ".join(dict.fromkeys(rest)) or refusal.detail


async def submitted_form(request: Request) -> Form:
    """Return what was sent; a name that was sent several times has the list of its values. Files are left out.

    Raises UnreadableText for a text that could be neither stored nor sent on.
    """
    return form_of(request, await request.form())


def form_of(request: Request, data: FormData) -> Form:
    """Return the form that holds these data of a request. Raises UnreadableText."""
    preferences = Preferences.of_cookie(request.scope["impact.cookies"].get(COOKIE, ""))
    request.scope[SUBMITTED] = data
    values = _values(data)
    values.pop(SENT_BEFORE, None)
    names = [name for name in values if name.startswith(LABEL)]
    labels = {name.removeprefix(LABEL): str(values.pop(name)) for name in names}
    return Form(values, language=preferences.language, labels=labels)


def _values(data: FormData) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name in data:
        texts = [value for value in data.getlist(name) if not isinstance(value, UploadFile)]
        if not all(map(_is_readable, (name, *texts))):
            raise UnreadableText
        values[name] = texts[0] if len(texts) == 1 else texts
    return values


def _is_readable(text: str) -> bool:
    """Return whether UTF-8 can write the text, which holds no half of a surrogate pair, and PostgreSQL store it."""
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
