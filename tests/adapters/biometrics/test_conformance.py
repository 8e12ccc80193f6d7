"""WebAuthn keeps the laws of the port."""

from janetbank.ports.biometrics import Authenticators
from janetbank.testing.port_conformance import AuthenticatorsConformance
from janetbank_adapters.biometrics.webauthn import WebAuthn


class TestWebAuthn(AuthenticatorsConformance):
    """For a bank with a site."""

    origin = "https://netbank.example.jp"

    def authenticators(self) -> Authenticators:
        """Its own."""
        return WebAuthn(rp_id="netbank.example.jp", rp_name="銀行", origins=(self.origin,))
