"""Addresses of the open internet are found; reserved ones and versions stay."""

import pytest

from udfs.secrets.addresses import find_ipv4, find_ipv6


@pytest.mark.parametrize(
    "text",
    ["{}", "http://{}:8080/", "root@{}", '"ip": "{}",', "+{}", "-{} host", "{}/32", "({}).",
     "server {} answers", "\n{}\n", "[{}]"],
)  # fmt: skip
def test_addresses_are_found(text: str) -> None:
    data = text.format("93.184.216.34").encode()
    (span,) = find_ipv4(data)
    assert data[span.start : span.end] == b"93.184.216.34"


def test_addresses_side_by_side() -> None:
    found = list(find_ipv4(b"for 93.184.216.34,151.101.1.69 and 185.15.59.224-185.15.59.240"))
    assert len(found) == 4


@pytest.mark.parametrize(
    "text",
    [
        "1.2.3.4", "5.6.7.8", "v3.21.44.7", "version 93.184.216.34", "lib-3.21.44.7.jar",
        "Chrome/93.18.21.34", "pkg==3.21.44.7", "1.3.6.1.4.1.311.21", "192.0.2.17", "198.51.100.7",
        "203.0.113.200", "10.20.30.40", "172.20.1.99", "192.168.1.50", "127.0.0.53", "100.64.3.21",
        "169.254.169.254", "224.0.0.251", "255.255.255.0", "8.8.8.8", "1.1.1.1", "93.184.216.0",
        "93.184.216.999", "93.184.016.34", "M1.2,3.35.77.84,1.28", "111.111.111.111",
        "3.21.44.7-rc1",
    ],
)  # fmt: skip
def test_reserved_addresses_and_versions_stay(text: str) -> None:
    assert not list(find_ipv4(f"a {text} b".encode()))


def test_global_ipv6_alone() -> None:
    for text in ("2a00:1450:4001:81b::200e", "[2a02:26f0:11a::1f:9d10]:443"):
        (span,) = find_ipv6(text.encode())
        assert span.value.decode() in text
    for text in (
        "2001:db8::8a2e:370:7334", "fe80::1ff:fe23:4567:890a", "::1", "fd12:3456:789a::1",
        "2001:4860:4860::8888", "2020:10:11", "std::vector", "aa:bb:cc:dd:ee:ff", "3fff:abc:1::2",
    ):  # fmt: skip
        assert not list(find_ipv6(text.encode())), text
