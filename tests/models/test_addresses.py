import socket

import pytest

from models.addresses import refusal, target_of

THIS_MACHINE = [
    "127.0.0.1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "0x7f000001",
    "::1",
    "::",
    "0.0.0.0",  # noqa: S104  # an address to be refused
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "64:ff9b::7f00:1",
    "64:ff9b::127.0.0.1",
    "64:ff9b:1::7f00:1",
    "2002:7f00:1::",
    "::127.0.0.1",
    "localhost",
]
PRIVATE = [
    "10.0.0.5",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.127.255.254",
    "fd00::1",
    "fc00::1",
    "::ffff:10.0.0.5",
    "64:ff9b::10.0.0.5",
    "192.0.2.1",
    "198.18.0.1",
    "2001:db8::1",
]
NEVER = [
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0xa9.0xfe.0xa9.0xfe",
    "0251.0376.0251.0376",
    "169.254.1",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "::169.254.169.254",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fe80::1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "224.0.0.1",
    "ff02::1",
    "255.255.255.255",
]
OPEN = ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"]


def resolved(host):
    """As the system reads the spelling; of names it only knows this machine's own."""
    flags = 0 if host == "localhost" else socket.AI_NUMERICHOST
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=flags)
    return [address[4][0] for address in found]


@pytest.mark.parametrize("host", THIS_MACHINE + PRIVATE)
def test_private_addresses_in_every_spelling_need_the_owners_word(host):
    assert "allow_private" in str(refusal(host, resolved(host), allow_private=False))
    assert refusal(host, resolved(host), allow_private=True) is None


@pytest.mark.parametrize("host", NEVER)
def test_metadata_and_groups_are_never_asked_whatever_the_owner_says(host):
    assert refusal(host, resolved(host), allow_private=False) is not None
    assert "allow_private" not in str(refusal(host, resolved(host), allow_private=True))


@pytest.mark.parametrize("host", OPEN)
def test_addresses_of_the_internet_are_asked(host):
    assert refusal(host, resolved(host), allow_private=False) is None


def test_one_bad_address_of_a_name_spoils_the_name():
    mixed = ["8.8.8.8", "169.254.169.254"]

    assert "169.254.169.254" in str(refusal("rebind.example", mixed, allow_private=True))


def test_a_zone_behind_an_address_hides_nothing():
    assert refusal("x", ["fe80::1%eth0"], allow_private=True) is not None


@pytest.mark.parametrize(
    ("url", "authority", "path"),
    [
        ("http://example.com", "example.com", "/"),
        ("https://example.com:443/x?a=1#y", "example.com", "/x?a=1"),
        ("https://example.com:8443", "example.com:8443", "/"),
        ("http://[fd00::1]:9100/metrics", "[fd00::1]:9100", "/metrics"),
        ("tcp://db.internal:5432", "db.internal:5432", "/"),
        ("http://bücher.example/für alle", "xn--bcher-kva.example", "/f%C3%BCr%20alle"),
        ("http://example.com/%41%20b", "example.com", "/%41%20b"),
    ],
)
def test_an_address_is_taken_apart_as_the_protocols_want_it(url, authority, path):
    target = target_of(url)

    assert (target.authority, target.path) == (authority, path)


def test_nothing_in_an_address_becomes_a_line_of_the_request():
    target = target_of("http://example.com/a b\tc\u2028d")

    assert " " not in target.path
    assert target.path.isascii()
    assert target.path.isprintable()
