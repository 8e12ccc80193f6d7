"""Environment: where a customer is seen from, as far as a bank's site or app can tell.

Shape:  Environment(device, network, platform, channel).  *device* is the opaque token that the site or app keeps on the
        device, None where it shows none; *network* an IP address as text; *platform* a word such as "ios".
Errors: InvalidValue `environment.device`, `environment.network`, `environment.platform`.
Source: RBA-01, RBA-02 (PC environment and network environment are looked at), LGN-10, LGN-11 (channels differ).
"""

from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from attrs import field, frozen
from attrs.validators import optional

from janetbank.values.shape import shaped
from janetbank.values.violation import InvalidValue


class Channel(Enum):
    """What the customer holds; some rules differ with it."""

    PC = "pc"
    SMARTPHONE = "smartphone"


def _address(text: str) -> IPv4Address | IPv6Address:
    try:
        address = ip_address(text)
    except ValueError:
        code = "environment.network"
        raise InvalidValue(code) from None
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            code = "environment.network"
            raise InvalidValue(code)
        # One customer behind a dual-stack proxy is one place: ::ffff:192.0.2.1 is 192.0.2.1.
        return address.ipv4_mapped or address
    return address


def _canonical(text: str) -> str:
    return str(_address(text))


@frozen
class Environment:
    """See the module; the device token is never shown, since it is what makes a device a known one."""

    device: str | None = field(repr=False, validator=optional(shaped(r"[!-~]{1,128}", "environment.device")))
    network: str = field(converter=_canonical)
    platform: str = field(validator=shaped(r"[ -~]{1,64}", "environment.platform"))
    channel: Channel = Channel.PC

    @property
    def network_prefix(self) -> str:
        """The network that *network* is likely to stay in: its /24, or its /48 in IPv6."""
        # The text is canonical, so the one with dots is an address of IPv4, and its first three numbers are its /24.
        if "." in self.network:
            return f"{self.network.rpartition('.')[0]}.0/24"
        return str(ip_network(f"{self.network}/48", strict=False))
