"""docker-compose.yml says the same as `impact up`."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from deploy import processes
from deploy.engines.databases import SERVICES

PROJECT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
ALWAYS_ON = {name: definition for name, definition in COMPOSE["services"].items() if "profiles" not in definition}


@pytest.mark.parametrize("process", processes.PROCESSES, ids=lambda process: process.name)
def test_every_process_runs_ready_checked_and_bounded(process: processes.Process) -> None:
    definition = ALWAYS_ON[process.name]
    assert definition["image"] == f"impact-{process.service}"
    assert definition["env_file"] == ["deploy/demo.env"]
    assert definition["volumes"][0] == f"{process.service}-secrets:/run/secrets/impact:ro"
    assert definition["healthcheck"]["test"][-1] == "deploy/healthcheck.py"
    assert definition["restart"] == "unless-stopped"
    assert definition["mem_limit"]
    assert definition["depends_on"][f"{process.service}-migrate"] == {"condition": "service_completed_successfully"}


def test_only_the_evidence_api_keeps_a_folder_between_starts_its_search_index_and_may_write_there() -> None:
    volumes_by_process = {process.name: ALWAYS_ON[process.name]["volumes"][1:] for process in processes.PROCESSES}
    folder = ALWAYS_ON["evidence"]["environment"]["SEARCH_INDEX_FOLDER"]
    assert {name: volumes for name, volumes in volumes_by_process.items() if volumes} == {
        "evidence": [f"evidence-search:{folder}"]
    }
    assert "evidence-search" in COMPOSE["volumes"]
    assert f"-o impact {folder}\n" in (PROJECT / "deploy/Dockerfile").read_text()


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_a_database_that_only_it_has_the_password_of(service: str) -> None:
    users = {name for name, definition in ALWAYS_ON.items() if f"{service}-secrets" in str(definition.get("volumes"))}
    expected = {"keys", f"{service}-db", f"{service}-migrate", f"{service}-seed", service, f"{service}-worker"}
    if service == "gateway":
        expected.add("demo-library")  # it signs in as the personas
    assert users == {name for name in expected if name in ALWAYS_ON}


def test_the_gateway_alone_is_reached_from_outside_and_from_this_machine_only() -> None:
    published = {name: definition["ports"] for name, definition in ALWAYS_ON.items() if "ports" in definition}
    assert published == {"gateway": ["127.0.0.1:${PORT:-8000}:8000"]}


def test_the_gateway_gets_every_address_as_by_impact_up() -> None:
    addresses = set(ALWAYS_ON["gateway"]["environment"])
    assert set(processes.addresses(8000)) <= addresses


@pytest.mark.parametrize("name", ["TRUSTED_PROXIES", "RATE_LIMIT_STORE_URL", "CORS_ALLOWED_ORIGINS"])
def test_what_is_in_front_of_the_gateway_is_told_it_as_for_impact_up(name: str) -> None:
    assert ALWAYS_ON["gateway"]["environment"][name] == f"${{{name}:-}}"


def test_figures_of_every_process_are_fetched_and_whoever_opens_grafana_may_ask_for_them() -> None:
    folder = PROJECT / "deploy/observability"
    jobs = yaml.safe_load((folder / "prometheus.yml").read_text())["scrape_configs"]
    targets = {target for job in jobs for static in job["static_configs"] for target in static["targets"]}
    assert targets == {f"{process.name}:8000" for process in processes.PROCESSES}
    sources = yaml.safe_load((folder / "datasources.yml").read_text())["datasources"]
    assert {urlsplit(source["url"]).hostname for source in sources} <= set(COMPOSE["services"])
    assert COMPOSE["services"]["grafana"]["environment"]["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Editor"


def test_the_demo_library_is_planted_beside_the_platform_as_by_impact_up() -> None:
    planter = ALWAYS_ON["demo-library"]
    assert planter["command"] == ["plant", "--url", "http://gateway:8000"]
    assert planter["env_file"] == ["deploy/demo.env"]
    assert planter["environment"]["DEMO_LIBRARY"] == "${DEMO:-}"
    assert planter["restart"] == "no"
    assert planter["depends_on"] == {
        name: {"condition": "service_healthy"}
        for name in ("gateway", "evidence-worker", "engagement-worker", "funding-worker")
    }
    assert not [name for name, definition in ALWAYS_ON.items() if "demo-library" in definition.get("depends_on", ())]


def test_no_secret_is_written_down() -> None:
    text = yaml.safe_dump(COMPOSE)
    for line in text.splitlines():
        assert "PASSWORD" not in line or "PASSWORD_FILE" in line
    assert not {name for name in processes.demo_settings() if name.endswith(("KEY", "PASSWORD", "SECRET", "TOKEN"))}
