"""Schemathesis sends valid and invalid requests: every response is one that the description has."""

import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.platform import Platform
from tests.verify.description import save_description
from tests.verify.programs import tool

SEED = "20261129"
EXAMPLES_PER_OPERATION = "8"
PHASES = "examples,coverage,fuzzing,stateful"
RUN_TIMEOUT_SECONDS = 900
"""Each takes about a minute on an idle machine, several on a busy one."""
# Not positive_data_acceptance: what refers to something made up is rightly refused.
# Not unsupported_method: PATCH /v1/topics/tree is a change of a topic whose id is no id, a 422 and not a 405.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
NOT_ATTACKED = {"/v1/session/sign-out": "it ends the session with which the others are attacked"}


PROTOCOLS = {"/oai": "a refusal of OAI-PMH is an answer with status 200"}
REFUSALS = """
[checks]
negative_data_rejection.expected-statuses = [400, 401, 403, 404, 409, 410, 412, 413, 414, 415, 422, 428, 431]
missing_required_header.expected-statuses = [400, 401, 403, 404, 409, 410, 412, 422, 428]
"""
"""What comes first: the refusal of the caller, of what is not there, or of what is not understood."""


@pytest.mark.timeout(RUN_TIMEOUT_SECONDS + 60)
@pytest.mark.usefixtures("failures")
@pytest.mark.parametrize("persona", [None, "carer", "evidence-editor", "funding-officer"])
def test_every_answer_is_as_the_description_says(platform: Platform, tmp_path: Path, persona: str | None) -> None:
    attack(platform, tmp_path, persona, CHECKS, PHASES, NOT_ATTACKED)


@pytest.mark.timeout(RUN_TIMEOUT_SECONDS + 60)
@pytest.mark.usefixtures("failures")
@pytest.mark.parametrize("persona", ["evidence-editor", "funding-officer"])
def test_what_the_description_does_not_allow_is_refused(platform: Platform, tmp_path: Path, persona: str) -> None:
    # Not while fuzzing: what is too long only by the spaces around it is taken without them.
    (tmp_path / "schemathesis.toml").write_text(REFUSALS)
    checks = ("negative_data_rejection", "missing_required_header")
    attack(platform, tmp_path, persona, checks, "examples,coverage", NOT_ATTACKED | PROTOCOLS)


def attack(
    platform: Platform, folder: Path, persona: str | None, checks: Iterable[str], phases: str, excluded: Iterable[str]
) -> None:
    """Send requests to all operations but those excluded, and fail where one of the checks does."""
    description = save_description(platform, folder)
    signed_in: list[str] = []
    if persona:
        # No other credential beside the token: two at once are refused before anything else is looked at.
        bearer = f"Authorization: Bearer {platform.impact('token', persona)}"
        signed_in = ["--header", bearer, "--generation-with-security-parameters", "false"]
    command = [
        *(tool("schemathesis"), "--no-color", "run", description, "--url", platform.url, *signed_in),
        *("--checks", ",".join(checks), "--phases", phases, "--mode", "all", "--continue-on-failure"),
        *("--seed", SEED, "--max-examples", EXAMPLES_PER_OPERATION, "--no-shrink", "--workers", "1"),
        *("--generation-database", "none", "--warnings", "off", "--request-timeout", "30"),
        *(argument for path in excluded for argument in ("--exclude-path", path)),
    ]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=RUN_TIMEOUT_SECONDS, check=False)
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr[-2_000:]
