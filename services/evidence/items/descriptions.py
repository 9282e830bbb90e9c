"""How each way of knowing describes an item, on its own terms."""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator

from services.evidence.items.identifiers import PATTERNS, normalised
from shared.contracts.evidence import WayOfKnowing
from shared.http import Body

Line = Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
Prose = Annotated[str, StringConstraints(max_length=50_000, strip_whitespace=True)]
Told = Annotated[str, StringConstraints(min_length=1, max_length=50_000, strip_whitespace=True)]
Setting = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
Country = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z]{3})?$"),
    Field(description="ISO 3166: `GB`, or a nation within it: `GB-NIR`, `GB-WLS`."),
]


def _is_partial_date(value: str) -> str:
    if not re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", value):
        raise ValueError("Give a year, a month or a day: 2019, 2019-03 or 2019-03-14")
    return value


PartialDate = Annotated[str, AfterValidator(_is_partial_date), Field(examples=["2019", "2019-03", "2019-03-14"])]
Design = Literal["quantitative", "qualitative", "mixed", "economic", "review"]
Kind = Literal[
    "journal_article", "book", "chapter", "report", "thesis", "conference_paper", "web_page", "dataset", "other"
]
SpeaksAs = Literal[
    "person_who_draws_on_support", "unpaid_carer", "family_or_friend", "personal_assistant", "someone_else"
]
Attribution = Literal["anonymous", "first_name", "full_name"]


class Identifier(BaseModel):
    """How the world knows a work. `value` is kept in one form: a DOI in lower case and without its address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scheme: Literal["doi", "pmid", "pmcid", "wos", "isbn", "issn"]
    value: Annotated[str, StringConstraints(min_length=1, max_length=500)]

    @model_validator(mode="before")
    @classmethod
    def _in_one_form(cls, given: Any) -> Any:
        match given:
            case {"scheme": str(scheme), "value": str(value)} if scheme in PATTERNS:
                if (kept := normalised(scheme, value)) is None:
                    raise ValueError(f"This is not a valid {scheme.upper()}")
                return {"scheme": scheme, "value": kept}
            case _:
                return given


class Consent(BaseModel):
    """What a person allows with their own account, and how they want to be named in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    to_publish: bool
    attribution: Attribution = "anonymous"
    name: Annotated[str, StringConstraints(max_length=120, strip_whitespace=True)] | None = Field(
        default=None, description="The name to show, as the person wants it. Never shown when anonymous."
    )

    @model_validator(mode="after")
    def _named_where_wanted(self) -> "Consent":
        if self.attribution != "anonymous" and not self.name:
            raise ValueError("Give the name to show, or choose to be anonymous")
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
    url: Annotated[str, StringConstraints(pattern=r"^https?://", max_length=2_000)] | None = None


class LivedExperienceFields(BaseModel):
    """What somebody lived through, in their own words."""

    account: Told
    speaks_as: SpeaksAs
    service: Line | None = Field(default=None, description="The support that it is about.")


class PracticeKnowledgeFields(BaseModel):
    """What somebody did in practice, and what came of it."""

    role: Line = Field(description="The work that this person does.")
    what_was_done: Told
    what_happened: Prose = ""
    what_it_needs: Prose = Field(default="", description="What another place would need for it to work there.")


class _Described(Body):
    title: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]
    summary: Prose = ""
    topics: list[UUID] = Field(default=[], max_length=20)
    country: Country | None = None
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})?$")] = "en"


class _Placed(_Described):
    setting: Setting | None = None


class Research(_Placed, ResearchFields):
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
            }
        }
    )

    way_of_knowing: Literal["research"]


class LivedExperience(_Placed, LivedExperienceFields):
    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "way_of_knowing": "lived_experience",
                "title": "My first week away",
                "account": "Somebody I trusted stayed with my mother, and I slept.",
                "speaks_as": "unpaid_carer",
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
                "setting": "council team",
                "what_was_done": "One telephone number for every provider of replacement care.",
                "what_happened": "Families got an answer the same day.",
                "what_it_needs": "Providers who share their free hours every Monday.",
            }
        }
    )

    way_of_knowing: Literal["practice_knowledge"]
    setting: Setting = Field(description="Where it was done: home care, a care home, a council team.")


Description = Annotated[Research | LivedExperience | PracticeKnowledge, Field(discriminator="way_of_knowing")]
described: TypeAdapter[Research | LivedExperience | PracticeKnowledge] = TypeAdapter(Description)
COMMON = frozenset(_Placed.model_fields) | {"way_of_knowing"}


WISHES = frozenset({"consent"})
"""Of what is its own: how the person wants to be named. It holds for every edition, from the moment it is said."""


def own_fields(description: Research | LivedExperience | PracticeKnowledge) -> dict[str, Any]:
    """What only this way of knowing says, as it is kept."""
    return description.model_dump(mode="json", exclude=set(COMMON))


WAYS: tuple[WayOfKnowing, ...] = ("research", "lived_experience", "practice_knowledge")
