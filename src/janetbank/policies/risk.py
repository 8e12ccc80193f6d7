"""Risk: whether a place looks like one that the customer is usually seen from.

The reference policy, for banks that have none of their own.  A place is a device (an opaque token that the bank's
site or app keeps on it), a network (/24 or /48) and a platform.  It is *usual* where the device is known and is seen
in its network or on its platform; anything else is unusual, with the reasons told apart:

| device | network | platform | verdict |
|---|---|---|---|
| unknown or none | any | any | Unusual: device |
| known | same | any | Usual |
| known | other | same | Usual (people travel with their telephone) |
| known | other | other | Unusual: network, platform (a copied token) |

Shape:  `assess(known places, place) -> Usual | Unusual`; `remember(known, place) -> known`, newest last.
Units:  `device` is a digest of the token, never the token.
Errors: ValueError for a rule that remembers nothing.
Source: RBA-01 (signals and threshold are ours: the sources give none), standards.md J17 (up to 3 devices).
"""

from attrs import frozen


@frozen
class Place:
    """Where a customer is seen from; *device* is "" where it showed no token."""

    device: str
    network: str
    platform: str


@frozen
class Usual:
    """Nothing is asked."""


@frozen
class Unusual:
    """One registered question is asked; *reasons* say what was strange: device, network, platform."""

    reasons: tuple[str, ...]


Assessment = Usual | Unusual


@frozen(kw_only=True)
class RiskRules:
    """Up to *remembered* places are known per contract; the one unused longest is forgotten first."""

    remembered: int

    def __attrs_post_init__(self) -> None:
        if self.remembered < 1:
            msg = "at least one place is remembered"
            raise ValueError(msg)

    def assess(self, known: tuple[Place, ...], place: Place) -> Assessment:
        """Compare *place* with the *known* ones of the contract."""
        home = next((one for one in known if place.device and one.device == place.device), None)
        if home is None:
            return Unusual(("device",))
        if place.network != home.network and place.platform != home.platform:
            return Unusual(("network", "platform"))
        return Usual()

    def remember(self, known: tuple[Place, ...], place: Place) -> tuple[Place, ...]:
        """*known* with *place* as the newest; a device is known once, a place without a device never."""
        if not place.device:
            return known
        others = tuple(one for one in known if one.device != place.device)
        return (*others, place)[-self.remembered :]
