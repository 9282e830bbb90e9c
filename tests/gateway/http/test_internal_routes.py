import pytest

from gateway.http.internal_routes import is_private_address


@pytest.mark.parametrize(
    ("address", "private"),
    [
        ("127.0.0.1", True), ("172.18.0.9", True), ("10.1.2.3", True), ("192.168.1.1", True), ("::1", True),
        ("fd00::9", True), ("::ffff:10.0.0.1", True), ("172.32.0.1", False), ("8.8.8.8", False), ("2001:db8::1", False),
        ("::ffff:8.8.8.8", False), ("unknown", False), ("", False),
    ],
)  # fmt: skip
def test_the_loopback_and_private_networks_are_internal(address: str, private: bool) -> None:
    assert is_private_address(address) == private
