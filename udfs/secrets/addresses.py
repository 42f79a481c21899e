"""IP addresses that may be somebody's: not reserved, not a public service, not a version."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import pairwise
from typing import Final

from udfs.secrets.spans import IP, Span, compiled

FOURS: Final = rb"\b\d{1,3}\.\d{1,3}\.\d{1,3}\.[1-9]\d{0,2}\b"
_FOUR: Final = compiled(FOURS)
SIXES: Final = rb"\b[23][0-9A-Fa-f]{3}:[0-9A-Fa-f:]{3}"
_SIX: Final = compiled(rb"\b[23][0-9A-Fa-f]{3}(?::[0-9A-Fa-f]{0,4}){2,7}")

# RFC 6890 and the registries that it founds: private, shared, loopback, link-local, documentation,
# benchmarking, multicast and reserved.
_RESERVED: Final = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
    )
)  # fmt: skip
_DOCUMENTATION: Final = IPv6Network("3fff::/20")  # RFC 9637; Python knows 2001:db8::/32
_LEAST_GROUPS: Final = 3
# Resolvers that everybody may ask.
_SERVICES: Final = frozenset(
    {
        "1.0.0.1", "1.1.1.1", "1.0.0.2", "1.1.1.2", "4.2.2.1", "4.2.2.2", "4.2.2.4", "8.8.4.4",
        "8.8.8.8", "9.9.9.9", "114.114.114.114", "149.112.112.112", "168.63.129.16",
        "208.67.220.220", "208.67.222.222", "223.5.5.5", "223.6.6.6",
        "2001:4860:4860::8844", "2001:4860:4860::8888", "2606:4700:4700::1001",
        "2606:4700:4700::1111", "2620:fe::fe",
    }
)  # fmt: skip
# Four numbers up to here are a version; of random addresses, one in 4,000 is so low.
_VERSION_NUMBER: Final = 31
_X509: Final = [2, 5, 29]  # object identifiers of the extensions of certificates
_AS_VERSION: Final = compiled(
    rb"(?i)\b(?:versions?|ver|release[ds]?|upgrade[ds]?|since|build|revision|rev|firmware|section"
    rb"|chapter|clause|rfc|oid|asn|chrome|safari|firefox|edge|opera|webkit|gecko|jdk|jre|java"
    rb"|update|changelog)[\"'`:=> ({\[]{0,4}v?$|[=<>~^!]=[\"' ]{0,2}$"
)
_PART_BEFORE: Final = compiled(rb"[\w.~^+$-]$|[^/]/$")  # Chrome/41.0.227.96, 1.3.6.1.4.1
_OWN_BEFORE: Final = compiled(rb"(?m)^[+-]$|(?:\d{1,3}\.){3}\d{1,3}-$")  # a diff's mark, a range
_PART_BEHIND: Final = compiled(rb"^(?:[\w+~]|\.\w|-[^\d]|-\d{1,3}[^\d.])")
# Neighbours without a space, which in the path of a drawing are no addresses.
_NUMBER_BEFORE: Final = compiled(rb"([\d.-]*\d),$")
_NUMBER_BEHIND: Final = compiled(rb"^,([\d.-]*\d)")
_AROUND: Final = 24  # bytes that say what a number is


def find_ipv4(data: bytes) -> Iterator[Span]:
    """Addresses of the open internet in dotted form."""
    for match in _FOUR.finditer(data):
        start, end = match.span()
        value = match.group()
        before, behind = data[max(0, start - _AROUND) : start], data[end : end + _AROUND]
        if _is_open(value) and not _is_part(before, behind):
            yield Span(start, end, IP, value)


def _is_open(value: bytes) -> bool:
    """Whether it is an address of the open internet, and neither a resolver's nor made up."""
    numbers = [int(part) for part in value.split(b".")]
    if max(numbers) > 255 or value != b".".join(b"%d" % number for number in numbers):
        return False
    if max(numbers) <= _VERSION_NUMBER or _is_pattern(numbers) or numbers[:3] == _X509:
        return False
    address = IPv4Address(bytes(numbers))
    return str(address) not in _SERVICES and not any(address in net for net in _RESERVED)


def _is_part(before: bytes, behind: bytes) -> bool:
    """Whether it belongs to something longer: a version, a name, a list of other numbers."""
    if _PART_BEFORE.search(before) and not _OWN_BEFORE.search(before):
        return True
    if _AS_VERSION.search(before) or _PART_BEHIND.search(behind):
        return True
    near = (_NUMBER_BEFORE.search(before), _NUMBER_BEHIND.search(behind))
    return any(found and not _FOUR.search(found.group(1)) for found in near)


def _is_pattern(numbers: list[int]) -> bool:
    """Whether it is typed to look like an address: equal numbers, or each a step or ten more."""
    steps = {right - left for left, right in pairwise(numbers)}
    return len(steps) == 1 or numbers in ([123, 45, 67, 89], [12, 34, 56, 78], [98, 76, 54, 32])


def find_ipv6(data: bytes) -> Iterator[Span]:
    """Global unicast addresses (2000::/3, RFC 4291) outside the ranges for documentation."""
    for match in _SIX.finditer(data):
        start, end = match.span()
        text = match.group().decode()
        if data[start - 1 : start] in (b":", b".") or data[end : end + 1].isalnum():
            continue
        if len([part for part in text.split(":") if part]) < _LEAST_GROUPS:
            continue
        try:
            address = IPv6Address(text)
        except ValueError:
            continue
        if address.is_global and str(address) not in _SERVICES and address not in _DOCUMENTATION:
            yield Span(start, end, IP, match.group())
