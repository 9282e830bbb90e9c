"""The filters of lists by where evidence is from: its country and its setting."""

from typing import Annotated, NamedTuple

from fastapi import Depends, Query
from pydantic import AfterValidator
from sqlalchemy import ColumnElement, func, literal_column, or_

from services.evidence.library.setting_names import setting_name
from shared.persistence.columns import SqlColumn

CountryFilter = Annotated[
    str | None,
    Query(
        pattern=r"^[A-Z]{2}(-[A-Z]{3})?$",
        description="ISO 3166: `GB-NIR`. `GB` includes its nations, and a nation what is from the whole of `GB`.",
    ),
]
TargetCountryFilter = Annotated[
    str | None,
    Query(pattern=r"^[A-Z]{2}(-[A-Z]{3})?$", description="ISO 3166: `GB-NIR`; `GB` includes its nations."),
]
"""Of the place for which something is judged: what is judged for all of a state may not hold in each nation."""


def _name_setting(setting: str | None) -> str | None:
    return setting and setting_name(setting)


SettingFilter = Annotated[
    str | None,
    Query(min_length=1, max_length=120, description="`home care`, in any case. `at home` finds `own home` too."),
    AfterValidator(_name_setting),
]


class Locality(NamedTuple):
    """The country and the setting that a list is filtered by; None filters nothing."""

    country: str | None = None
    setting: str | None = None


async def _place(country: CountryFilter = None, setting: SettingFilter = None) -> Locality:
    return Locality(country, setting)


PlaceFilter = Annotated[Locality, Depends(_place)]
"""The filters by place of a request, from its query parameters."""


def state_of(country: str) -> str:
    """Return the code of the state that a code is of: its own, or of a nation `GB-NIR` the `GB`."""
    return country[:2]


def is_of_nation(country: SqlColumn, nation: ColumnElement[str]) -> ColumnElement[bool]:
    """Match what is from a nation, or from the whole of its state: that is from the nation, too."""
    return or_(country == nation, country == func.substr(nation, literal_column("1"), literal_column("2")))


def is_from(country: SqlColumn, code: str) -> ColumnElement[bool]:
    """Match what is from a state or its nations; of the code of a nation, from it or from the whole of its state."""
    return or_(country.in_((code, state_of(code))), country.startswith(f"{code}-"))
