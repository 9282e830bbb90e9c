"""The filters of lists by where evidence is from: its country and its setting."""

from typing import Annotated, NamedTuple

from fastapi import Depends, Query

CountryFilter = Annotated[
    str | None,
    Query(pattern=r"^[A-Z]{2}(-[A-Z]{3})?$", description="ISO 3166: `GB-NIR`; `GB` includes its nations."),
]
SettingFilter = Annotated[str | None, Query(min_length=1, max_length=120, description="`home care`, in any case.")]


class Locality(NamedTuple):
    """The country and the setting that a list is filtered by; None filters nothing."""

    country: str | None = None
    setting: str | None = None


async def _place(country: CountryFilter = None, setting: SettingFilter = None) -> Locality:
    return Locality(country, setting)


PlaceFilter = Annotated[Locality, Depends(_place)]
"""The filters by place of a request, from its query parameters."""
