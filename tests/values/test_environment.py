"""An environment is a device, a network and a platform, none of them trusted."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from janetbank.values import Channel, Environment
from tests.values.refusals import refusal


@given(st.ip_addresses())
def test_the_prefix_holds_the_address(address: object) -> None:
    """The prefix is a /24 or, in IPv6, a /48, and the address lies in it."""
    place = Environment(None, str(address), "ios")
    prefix = ip_network(place.network_prefix)
    assert ip_address(place.network) in prefix
    assert prefix.prefixlen == (24 if prefix.version == 4 else 48)


@pytest.mark.parametrize(
    ("typed", "network", "prefix"),
    [
        ("192.0.2.255", "192.0.2.255", "192.0.2.0/24"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::9", "2001:db8:1::/48"),
        ("2001:0db8:0001:0000:0000:0000:0000:0009", "2001:db8:1::9", "2001:db8:1::/48"),
        ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.0/24"),
    ],
)
def test_one_network_has_one_text(typed: str, network: str, prefix: str) -> None:
    """However an address is written, mapped into IPv6 too, it is kept in one way."""
    place = Environment(None, typed, "ios")
    assert (place.network, place.network_prefix) == (network, prefix)


@pytest.mark.parametrize(
    "network", ["", "localhost", "192.0.2", "192.0.2.256", "192.0.2.0/24", "192.0.2.1\n", "fe80::1%eth0", "１.1.1.1"]
)
def test_anything_else_is_no_address(network: str) -> None:
    """Names, networks, scoped addresses and stray characters are refused."""
    assert refusal(lambda: Environment(None, network, "ios")) == "environment.network"


@pytest.mark.parametrize("device", ["x", "!~" * 64, None])
def test_a_device_token_is_opaque(device: str | None) -> None:
    """Any visible ASCII up to 128 characters is a token, and a device may show none."""
    assert Environment(device, "192.0.2.1", "ios").device == device


@pytest.mark.parametrize("device", ["", "x" * 129, "a b", "é", "x\n", "\x7f"])
def test_anything_else_is_no_device_token(device: str) -> None:
    """Empty, longer, blank or invisible text is refused."""
    assert refusal(lambda: Environment(device, "192.0.2.1", "ios")) == "environment.device"


@pytest.mark.parametrize("platform", ["ios", "Chrome OS", "x" * 64])
def test_a_platform_is_a_word(platform: str) -> None:
    """Any printable ASCII up to 64 characters is a platform."""
    assert Environment(None, "192.0.2.1", platform).platform == platform


@pytest.mark.parametrize("platform", ["", "x" * 65, "アンドロイド", "ios\r\n"])
def test_anything_else_is_no_platform(platform: str) -> None:
    """Empty, longer or unprintable text is refused."""
    assert refusal(lambda: Environment(None, "192.0.2.1", platform)) == "environment.platform"


def test_the_device_token_is_never_shown() -> None:
    """Who has the token is the device, so neither text shows it."""
    place = Environment("token-c0ffee", "192.0.2.1", "ios")
    assert "c0ffee" not in f"{place} {place!r}"


def test_a_customer_is_at_a_pc_unless_said_otherwise() -> None:
    """The channel defaults to a PC."""
    assert Environment(None, "192.0.2.1", "windows").channel is Channel.PC
    assert Environment(None, "192.0.2.1", "ios", Channel.SMARTPHONE).channel is Channel.SMARTPHONE
