"""The instruments by which evidence is appraised, each for its own kind of evidence.

The criteria are in our own words; what each asks comes from the source that is named. None adds up to a score, and
nothing compares one instrument with another: how sound a trial is and how true an account rings are two questions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.events.contracts.evidence import WayOfKnowing

MMAT = (
    "Hong QN, Pluye P, Fàbregues S, et al. Mixed Methods Appraisal Tool (MMAT), version 2018. McGill University. Its "
    "authors advise against an overall score. Criteria in our own words."
)
JBI_TEXTUAL = (
    "JBI checklists for textual evidence: narrative, expert opinion, policy and consensus guidelines. McArthur A, "
    "Cooper A, Edwards D, et al. JBI Evidence Synthesis, doi:10.11124/JBIES-24-00293. Criteria in our own words."
)
JBI_ECONOMIC = (
    "JBI checklist for economic evaluations. Gomersall JS, Jadotte YT, Xue Y, et al. doi:10.1097/XEB.0000000000000063. "
    "Criteria in our own words."
)
JBI_REVIEWS = (
    "JBI checklist for systematic reviews and research syntheses. Aromataris E, Fernandez R, Godfrey C, et al. "
    "doi:10.1097/XEB.0000000000000055. Criteria in our own words."
)
OWN_INSTRUMENT = "This project's own: there is no established instrument for the provenance of practice knowledge."


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question. `screening`: where it is not answered with yes, the others may not apply."""

    code: str
    question: str
    screening: bool = False


@dataclass(frozen=True, slots=True)
class Instrument:
    """`designs` and `kinds`: of the research that it fits; None in `designs` is a work whose design nobody noted."""

    code: str
    name: str
    source: str
    way_of_knowing: WayOfKnowing
    criteria: Sequence[Criterion]
    designs: frozenset[str | None] = frozenset()
    kinds: frozenset[str] | None = None
    not_applicable: bool = True
    """Whether any criterion may be skipped; otherwise only where a screening question is not answered with yes."""

    @property
    def screening(self) -> frozenset[str]:
        return frozenset(criterion.code for criterion in self.criteria if criterion.screening)


def _criteria(prefix: str, questions: Sequence[str]) -> list[Criterion]:
    return [Criterion(f"{prefix}{number}", question) for number, question in enumerate(questions, 1)]


_SCREENING = (
    Criterion("S1", "Does the study say clearly what it wants to find out?", screening=True),
    Criterion("S2", "Can the data that it collected answer that?", screening=True),
)
_STUDIES: Mapping[str, tuple[str, frozenset[str | None], Sequence[str]]] = {
    "mmat-qualitative": (
        "MMAT 2018, qualitative studies",
        frozenset({"qualitative", None}),
        (
            "Does a qualitative approach suit the question?",
            "Do the ways of collecting data yield what the question needs?",
            "Do the findings come out of the data?",
            "Is the interpretation borne out by enough of the data?",
            "Do sources, collection, analysis and interpretation hang together?",
        ),
    ),
    "mmat-randomised": (
        "MMAT 2018, randomised controlled trials",
        frozenset({"quantitative", None}),
        (
            "Was chance alone, properly applied, deciding who came into which group?",
            "Were the groups alike at the start?",
            "Are outcomes known of nearly everyone who took part?",
            "Did those who assessed outcomes not know who was in which group?",
            "Did people receive and keep to what their group was assigned?",
        ),
    ),
    "mmat-non-randomised": (
        "MMAT 2018, non-randomised quantitative studies",
        frozenset({"quantitative", None}),
        (
            "Do the participants stand for the people whom the study is about?",
            "Are the intervention (or exposure) and the outcome measured in a fitting way?",
            "Are outcomes known of nearly everyone who took part?",
            "Do design and analysis allow for what else could explain the outcome?",
            "Was the intervention given (or did the exposure occur) as was meant?",
        ),
    ),
    "mmat-descriptive": (
        "MMAT 2018, quantitative descriptive studies",
        frozenset({"quantitative", None}),
        (
            "Does the way of choosing participants suit the question?",
            "Does the sample stand for the people whom the study is about?",
            "Are the measurements fitting?",
            "Is it unlikely that those who did not answer would change the picture?",
            "Does the statistical analysis suit the question?",
        ),
    ),
    "mmat-mixed": (
        "MMAT 2018, mixed methods studies",
        frozenset({"mixed", None}),
        (
            "Is there a good reason to mix methods for this question?",
            "Are the parts brought together so that they answer it?",
            "Is what comes of bringing them together interpreted well?",
            "Are contradictions between the parts faced and explained?",
            "Does each part hold to the standards of its own tradition?",
        ),
    ),
}
_NARRATIVE = (
    "Is the person who tells it a fitting source: does it come from their own experience?",
    "Is it clear how the account relates to its circumstances: where, when and with whom it happened?",
    "Do the events follow one another so that a reader understands how it unfolded?",
    "Does a reader come to conclusions like those of the person who tells it?",
    "Do the conclusions flow from what is told?",
    "Is it an account of something lived, rather than an opinion or a policy?",
)
_OPINION = (
    "Is it clear whose opinion it is?",
    "Does that source have standing in the field, by work or by experience?",
    "Are the interests of the people whom it concerns at its centre?",
    "Is the conclusion argued for, step by step?",
    "Does it refer to what others have found or written?",
    "Where it departs from that, does it say why?",
)
_POLICY = (
    "Is it clear who developed it, and to whom they are bound?",
    "Do those who developed it have standing in the field, by work or by experience?",
    "Were the people whom it concerns involved, and does it say what they would stand by?",
    "Are competing interests disclosed, and was something done about them?",
    "Is it described how evidence was gathered and summed up?",
    "Where it departs from other evidence, does it say why?",
    "Is it described how the recommendations were reached?",
)
_ECONOMIC = (
    "Is the question well defined?",
    "Are the alternatives described in full?",
    "Are all costs and outcomes that matter named for each alternative?",
    "Is it established that the alternatives work?",
    "Are costs and outcomes measured accurately?",
    "Are costs and outcomes valued credibly?",
    "Are costs and outcomes adjusted for when they arise?",
    "Is it worked out what more is gained for what more is spent?",
    "Is it tested how far uncertain estimates change the result?",
    "Do the results deal with all that users are concerned about?",
    "Can the results be carried over to the setting in question?",
)
_REVIEW = (
    "Is the review's question clear and explicit?",
    "Do the criteria of what is included suit the question?",
    "Was the search strategy fitting?",
    "Were sources and resources of the search sufficient?",
    "Do the criteria by which studies were appraised suit them?",
    "Did at least two people appraise, each without the other?",
    "Was something done to keep errors out of what was taken from the studies?",
    "Does the way of combining the studies suit them?",
    "Was it assessed whether studies are missing because of their results?",
    "Are recommendations for policy or practice borne out by the data?",
    "Do the proposals for new research suit what was found?",
)
_PRACTICE = (
    "Is it clear who did it, and in what role?",
    "Is it clear where and for whom it was done, so that another place can compare itself?",
    "Has it been in use long enough to know how it works when it is no longer new?",
    "Did somebody check whether it works, by more than an impression?",
    "Did people who draw on care and support say how it was for them?",
    "Has it also been used elsewhere, or by others than those who began it?",
    "Is it said what did not work, or what had to be changed?",
    "Is it said what it costs and needs: people, time, money, permission?",
)
_WRITINGS = frozenset({"journal_article", "book", "chapter", "report", "web_page", "other"})

INSTRUMENTS: Mapping[str, Instrument] = {
    instrument.code: instrument
    for instrument in (
        *(
            Instrument(
                code, name, MMAT, "research", [*_SCREENING, *_criteria("", questions)], designs, not_applicable=False
            )
            for code, (name, designs, questions) in _STUDIES.items()
        ),
        Instrument(
            "jbi-economic",
            "JBI, economic evaluations",
            JBI_ECONOMIC,
            "research",
            _criteria("", _ECONOMIC),
            frozenset({"economic", None}),
        ),
        Instrument(
            "jbi-review",
            "JBI, systematic reviews",
            JBI_REVIEWS,
            "research",
            _criteria("", _REVIEW),
            frozenset({"review", None}),
        ),
        Instrument(
            "jbi-opinion",
            "JBI, expert opinion",
            JBI_TEXTUAL,
            "research",
            _criteria("", _OPINION),
            frozenset({None}),
            _WRITINGS,
        ),
        Instrument(
            "jbi-policy",
            "JBI, policy and consensus guidelines",
            JBI_TEXTUAL,
            "research",
            _criteria("", _POLICY),
            frozenset({None}),
            _WRITINGS,
        ),
        Instrument("jbi-narrative", "JBI, narrative", JBI_TEXTUAL, "lived_experience", _criteria("", _NARRATIVE)),
        Instrument(
            "practice-provenance", "Provenance and use", OWN_INSTRUMENT, "practice_knowledge", _criteria("", _PRACTICE)
        ),
    )
}
