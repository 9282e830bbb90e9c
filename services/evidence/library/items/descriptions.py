"""The fields by which each way of knowing describes an item."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from services.evidence.library.field_types import (
    Address,
    Country,
    Language,
    Line,
    PartialDate,
    PastDay,
    Period,
    PersonName,
    Phrase,
    Prose,
    RequiredProse,
    Setting,
)
from services.evidence.library.items.identifiers.rules import PATTERNS, normalised
from shared.events.contracts.evidence import RetractionNature, WayOfKnowing
from shared.views import Body, Day

NoticeNature = RetractionNature | Literal["superseded"]
"""`superseded`: a newer work has taken its place, as `new_version` and `new_edition` of Crossref say. Events say that
the item changed: their natures are of works that were in the wrong, or set right.
"""
Design = Literal["quantitative", "qualitative", "mixed", "economic", "review"]
Kind = Literal[
    "journal_article", "book", "chapter", "report", "thesis", "conference_paper", "web_page", "dataset", "other"
]
SpeaksAs = Literal[
    "person_who_draws_on_support", "unpaid_carer", "family_or_friend", "personal_assistant", "someone_else"
]
OrganisationKind = Literal[
    "council",
    "health_service",
    "care_provider",
    "charity_or_community_group",
    "user_led_organisation",
    "housing",
    "education",
    "government",
    "other",
]
Attribution = Literal["anonymous", "first_name", "full_name"]
Basis = Literal[
    "the_persons_agreement",
    "parental_responsibility",
    "power_of_attorney",
    "court_appointed_deputy",
    "best_interests_decision",
    "personal_representative",
]


class Identifier(BaseModel):
    """A public identifier of a work. `value` is normalised: a DOI in lower case, without the address of a resolver."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scheme: Literal["doi", "pmid", "pmcid", "wos", "isbn", "issn"]
    value: Annotated[str, StringConstraints(min_length=1, max_length=500)]

    @model_validator(mode="before")
    @classmethod
    def _normalise(cls, data: object) -> object:
        match data:
            case {"scheme": str(scheme), "value": str(value)} if scheme in PATTERNS:
                if (canonical := normalised(scheme, value)) is None:
                    raise ValueError(f"This is not a valid {scheme.upper()}")
                return {"scheme": scheme, "value": canonical}
            case _:
                return data


class Retraction(Body):
    """What became of a work after it was published, as its publisher or a list of such notices reports it."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "nature": "retraction",
                "on": "2023-04-11",
                "notice": {"scheme": "doi", "value": "10.5555/notice.1"},
                "reasons": ["Error in analyses"],
                "source": "Retraction Watch",
            }
        },
    )

    nature: NoticeNature
    on: Day | None = Field(default=None, description="The date of the notice.")
    notice: Identifier | Address | None = Field(default=None, description="Where the notice was published.")
    reasons: list[Line] = Field(default=[], max_length=50)
    source: Line = Field(description="Who reports it: a publisher, or a list of retractions.")


class Consent(BaseModel):
    """What a person allows with their own account, and how they want to be named in it.

    Somebody else may say it for them, on a basis that the law of England and Wales knows (power of attorney, deputy
    and best interests as in the Mental Capacity Act 2005). A full name is shown only where the person agrees.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    to_publish: bool
    attribution: Attribution = "anonymous"
    name: PersonName | None = Field(
        default=None, description="The name to show, as the person wants it. Never shown when anonymous."
    )
    given_by: Literal["self", "someone_acting_for_them"] = Field(
        default="self", description="`self` is said by the person's own sign-in alone, never by an editor or a system."
    )
    basis: Basis | None = Field(default=None, description="What allows somebody else to say it for the person.")
    given_on: PastDay | None = Field(default=None, description="When it was given; today if left out.")

    @model_validator(mode="after")
    def _check_name_and_basis(self) -> "Consent":
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
    name: PersonName | None = Field(default=None, description="The name to show. Never shown when anonymous.")
    agreed_on: PastDay | None = Field(default=None, description="When they agreed to it; today if left out.")

    @model_validator(mode="after")
    def _check_name(self) -> "Credit":
        if self.attribution != "anonymous" and not self.name:
            raise ValueError("Give the name to show, or choose anonymous")
        return self


class ResearchFields(BaseModel):
    """A study, a review or another work of research."""

    kind: Kind = "other"
    design: Design | None = None
    authors: list[Line] = Field(default=[], max_length=10_000)
    editors: list[Line] = Field(default=[], max_length=10_000)
    published_in: Line | None = Field(default=None, description="The journal, book or series that holds it.")
    published_on: PartialDate | None = None
    volume: Line | None = None
    issue: Line | None = None
    pages: Line | None = None
    publisher: Line | None = None
    keywords: list[Line] = Field(default=[], max_length=1_000)
    identifiers: list[Identifier] = Field(default=[], max_length=50)
    url: Address | None = None
    population: Phrase | None = Field(default=None, description="Whom it is about.")
    sample: Phrase | None = Field(default=None, description="Who took part, and how they were chosen.")
    participants: Annotated[int, Field(ge=0, le=10**9)] | None = Field(default=None, description="How many took part.")
    intervention: Phrase | None = Field(default=None, description="What was done or studied.")
    service: Line | None = Field(default=None, description="The kind of support that it is about.")
    period: Period | None = Field(default=None, description="The time that it looked at.")
    involvement: Phrase | None = Field(
        default=None, description="How people with their own experience shaped the research, beyond taking part in it."
    )


class LivedExperienceFields(BaseModel):
    """What somebody lived through, in their own words."""

    account: RequiredProse
    speaks_as: SpeaksAs
    role: Line | None = Field(
        default=None, description="Who they are in what they tell: `daughter who manages the direct payment`."
    )
    service: Line | None = Field(default=None, description="The support that it is about.")
    population: Phrase | None = Field(default=None, description="For whom else it may hold, as the person sees it.")
    period: Period | None = Field(default=None, description="The time that it is about.")


class PracticeKnowledgeFields(BaseModel):
    """What somebody did in practice, and what came of it."""

    role: Line = Field(description="The work that this person does.")
    organisation_kind: OrganisationKind | None = Field(default=None, description="Where they do it.")
    service: Line | None = Field(default=None, description="The kind of support that it is about.")
    population: Phrase | None = Field(default=None, description="For whom it was done.")
    period: Period | None = Field(default=None, description="When it was done.")
    what_was_done: RequiredProse
    what_happened: Prose = ""
    what_it_needs: Prose = Field(default="", description="What another place would need for it to work there.")


class _Described(Body):
    title: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    summary: Prose = ""
    topics: list[UUID] = Field(default=[], max_length=20)
    country: Country | None = None
    language: Language = "en"


class _DescribedInSetting(_Described):
    setting: Setting | None = None


class Research(_DescribedInSetting, ResearchFields):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "way_of_knowing": "research",
                "title": "Regular breaks for carers: a randomised trial",
                "kind": "journal_article",
                "design": "quantitative",
                "authors": ["Sample, Robin"],
                "published_in": "Journal of Invented Care Studies",
                "published_on": "2021-05",
                "identifiers": [{"scheme": "doi", "value": "10.5555/example"}],
                "population": "Unpaid carers of people with dementia",
                "sample": "Carers of six councils, chosen by lot",
                "participants": 412,
                "intervention": "A break of a day each week",
                "period": {"from": "2018", "to": "2019-06"},
            }
        }
    )

    way_of_knowing: Literal["research"]


class LivedExperience(_DescribedInSetting, LivedExperienceFields):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "way_of_knowing": "lived_experience",
                "title": "My first week away",
                "account": "Somebody I trusted stayed with my mother, and I slept.",
                "speaks_as": "unpaid_carer",
                "role": "daughter who lives with her mother",
                "service": "replacement care",
                "period": {"from": "2022-03"},
                "consent": {"to_publish": True, "attribution": "anonymous"},
            }
        }
    )

    way_of_knowing: Literal["lived_experience"]
    consent: Consent


class PracticeKnowledge(_Described, PracticeKnowledgeFields):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "way_of_knowing": "practice_knowledge",
                "title": "Booking a break in one call",
                "role": "social worker",
                "organisation_kind": "council",
                "service": "replacement care",
                "period": {"from": "2021", "to": "2023"},
                "setting": "council team",
                "what_was_done": "One telephone number for every provider of replacement care.",
                "what_happened": "Families got an answer the same day.",
                "what_it_needs": "Providers who share their free hours every Monday.",
            }
        }
    )

    way_of_knowing: Literal["practice_knowledge"]
    credit: Credit | None = Field(default=None, description="Whom to name for it; nobody where left out.")
    setting: Setting = Field(description="Where it was done: home care, a care home, a council team.")


Description = Annotated[Research | LivedExperience | PracticeKnowledge, Field(discriminator="way_of_knowing")]
description_adapter: TypeAdapter[Research | LivedExperience | PracticeKnowledge] = TypeAdapter(Description)
COMMON_FIELDS = frozenset(_DescribedInSetting.model_fields) | {"way_of_knowing"}
"""The fields that every way of knowing has; the others are its details."""
ATTRIBUTION_FIELDS = frozenset({"consent", "credit"})
"""Details that say how people are named. They apply to every edition from the moment they are set."""


def detail_fields(description: Research | LivedExperience | PracticeKnowledge) -> dict[str, Any]:
    """Return the details of this way of knowing, as they are stored."""
    return description.model_dump(mode="json", by_alias=True, exclude=set(COMMON_FIELDS))


WAYS: tuple[WayOfKnowing, ...] = ("research", "lived_experience", "practice_knowledge")
