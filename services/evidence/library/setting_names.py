"""The settings that are called by one name, and everything else that people call them.

A setting is free text, since nobody can list all of them. Those that many items share have one name, so that a filter,
the gap map and a facet see one setting where people write `At home`, `in their own home` and `own home`.
"""

import re
from collections.abc import Mapping
from typing import Final

SETTING_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "own home": ("home", "homes", "own homes", "people's homes", "people's own homes", "family home", "private home"),
    "home care": ("homecare", "home care service", "home care agency", "domiciliary care", "domiciliary care agency"),
    "care home": ("care homes", "residential home", "residential homes", "residential care", "residential care home"),
    "nursing home": ("nursing homes", "care home with nursing", "care homes with nursing"),
    "day centre": ("day centres", "day center", "day centers", "day service", "day services"),
    "supported living": ("supported living service", "supported living services"),
    "extra care housing": ("extra care", "extra care scheme", "extra care schemes", "housing with care"),
    "sheltered housing": ("retirement housing", "sheltered accommodation"),
    "hospital": ("hospitals", "hospital ward", "hospital wards"),
    "hospice": ("hospices",),
    "general practice": ("gp practice", "gp practices", "gp surgery", "gp surgeries"),
    "council team": ("council teams",),
    "community": ("communities", "community setting", "community settings"),
    "workplace": ("work", "workplaces"),
    "school": ("schools",),
    "college": ("colleges",),
    "hostel": ("hostels",),
    "prison": ("prisons",),
    "online": ("internet",),
}
"""Each name, which is also its code in the API, with what else means the same: in lower case, with spaces for hyphens.

What is narrower or wider is no such spelling: a nursing home is not every care home.
"""
_NAME_OF: Final = {text: name for name, texts in SETTING_NAMES.items() for text in (name, *texts)}
_PLACE_WORDS = re.compile(r"^(?:(?:in|at|on) )?(?:(?:a|an|the|my|our|his|her|their|your|one's) )?")


def setting_name(setting: str) -> str:
    """Return the name of this setting, or the text as it is where it is not one of those with a name."""
    text = re.sub(r"[\s-]+", " ", setting.casefold().replace("\u2019", "'")).strip(" .")
    return _NAME_OF.get(text) or _NAME_OF.get(_PLACE_WORDS.sub("", text), setting)
