"""Where a server that listens is found by the machine itself: there the ways to rate are tried."""

import pytest

from evalsys.kernel import listening, settings


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("::1", "http://[::1]:8000"),
        ("pj.example.gov.cn", "http://pj.example.gov.cn:8000"),
    ],
)
def test_a_server_is_found_at_an_address_that_the_worker_can_be_given(host: str, address: str) -> None:
    assert listening.address(host, 8000) == address
    assert settings.from_environment({"EVALSYS_PROBE_URL": address}).probe_url == address
