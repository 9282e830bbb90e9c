import base64
import stat
from pathlib import Path

from deploy import keys
from deploy.engines.databases import SERVICES
from shared.callers import load_public_keys, person, sign, verify
from shared.persistence.tables import new_id


def read_files(folder: Path) -> dict[str, str]:
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_secrets_are_generated_once_and_differ_by_installation(tmp_path: Path) -> None:
    keys.ensure(tmp_path / "here")
    first = read_files(tmp_path / "here")
    keys.ensure(tmp_path / "here")
    keys.ensure(tmp_path / "there")

    assert read_files(tmp_path / "here") == first
    assert not set(read_files(tmp_path / "there").values()) & set(first.values())


def test_a_service_finds_its_own_secrets_and_the_gateway_alone_the_private_key(tmp_path: Path) -> None:
    keys.ensure(tmp_path)
    for service in SERVICES:
        names = {file.name for file in (tmp_path / service).iterdir()}
        expected = {"caller_public_key", "cursor_key", "field_key", "database_password"}
        assert names == (expected | {"caller_private_key", "address_key"} if service == "gateway" else expected)
        assert len(base64.b64decode((tmp_path / service / "field_key").read_text())) == 32
    assert len(set(keys.database_passwords(tmp_path).values())) == len(SERVICES)


def test_nobody_else_may_read_them_unless_asked_for(tmp_path: Path) -> None:
    keys.ensure(tmp_path / "mine")
    keys.ensure(tmp_path / "shared", readable=True)

    def modes(folder: Path) -> set[int]:
        return {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}

    assert modes(tmp_path / "mine") == {0o400}
    assert modes(tmp_path / "shared") == {0o444}


def test_each_service_is_told_its_own_database(tmp_path: Path) -> None:
    keys.ensure(tmp_path, database_url="postgresql://{service}:{password}@{service}-db:5432/{service}")

    password = keys.database_passwords(tmp_path)["funding"]
    url = (tmp_path / "funding" / "funding_database_url").read_text()
    assert url == f"postgresql://funding:{password}@funding-db:5432/funding"
    assert not (tmp_path / "funding" / "evidence_database_url").exists()


def test_the_gateways_key_is_replaced_in_steps_that_need_no_restart_at_one_moment(tmp_path: Path) -> None:
    def signing_key() -> str:
        return (tmp_path / "gateway" / "caller_private_key").read_text()

    def public_keys() -> set[str]:
        return {(tmp_path / service / "caller_public_key").read_text() for service in SERVICES}

    keys.ensure(tmp_path)
    first, caller = (signing_key(), public_keys()), person(new_id())
    for step in range(3):
        before = (signing_key(), public_keys())
        assert "Restart" in keys.replace_caller_key(tmp_path)
        keys.ensure(tmp_path)
        after = (signing_key(), public_keys())
        for private_key, _ in (before, after):
            for _, publics in (before, after):
                assert [verify(sign(caller, private_key), public) for public in publics] == [caller], step
        assert [len(load_public_keys(public)) for public in public_keys()] == [[2], [2], [1]][step]
    assert signing_key() != first[0]
    assert not public_keys() & first[1]
    assert {file.name for file in (tmp_path / "gateway").glob("*caller*")} == {
        "caller_private_key",
        "caller_public_key",
    }
