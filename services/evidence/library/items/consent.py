"""What people allow with what they told, and how they want to be named in it."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.evidence.library.items.fields import PastDay

Attribution = Literal["anonymous", "first_name", "full_name"]
Name = Annotated[str, StringConstraints(max_length=120, strip_whitespace=True)]
Basis = Literal[
    "the_persons_agreement",
    "parental_responsibility",
    "power_of_attorney",
    "court_appointed_deputy",
    "best_interests_decision",
    "personal_representative",
]
NAMING: dict[str, int] = {"anonymous": 0, "first_name": 1, "full_name": 2}
"""The further up, the more of a person is shown."""


class Consent(BaseModel):
    """What a person allows with their own account, and how they want to be named in it.

    Somebody else may say it for them, on a basis that the law of England and Wales knows (power of attorney, deputy
    and best interests as in the Mental Capacity Act 2005). A full name is shown only where the person agrees.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    to_publish: bool
    attribution: Attribution = "anonymous"
    name: Name | None = Field(
        default=None, description="The name to show, as the person wants it. Never shown when anonymous."
    )
    given_by: Literal["self", "someone_acting_for_them"] = "self"
    basis: Basis | None = Field(default=None, description="What allows somebody else to say it for the person.")
    given_on: PastDay | None = Field(default=None, description="When it was given; today where left out.")

    @model_validator(mode="after")
    def _named_where_wanted(self) -> "Consent":
        if self.attribution != "anonymous" and not self.name:
            raise ValueError("Give the name to show, or choose to be anonymous")
        if (self.given_by == "self") != (self.basis is None):
            raise ValueError("Say in `basis` what allows somebody to act for the person, and only then")
        if self.attribution == "full_name" and self.basis not in (None, "the_persons_agreement"):
            raise ValueError("A full name is shown only where the person agrees: choose first_name or anonymous")
        return self


class Credit(BaseModel):
    """Who is named for practice knowledge: nobody, the organisation, or the person who did it and agreed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    attribution: Literal["anonymous", "organisation", "person"] = "anonymous"
    name: Name | None = Field(default=None, description="The name to show. Never shown when anonymous.")
    agreed_on: PastDay | None = Field(default=None, description="When they agreed to it; today where left out.")

    @model_validator(mode="after")
    def _named_where_wanted(self) -> "Credit":
        if self.attribution != "anonymous" and not self.name:
            raise ValueError("Give the name to show, or choose anonymous")
        return self


def widens(new: Consent, old: Consent) -> bool:
    """Whether it allows more than before, or shows another name."""
    if new.to_publish and not old.to_publish:
        return True
    shows_more = NAMING[new.attribution] > NAMING[old.attribution]
    return shows_more or (new.attribution != "anonymous" and new.name != old.name)
