"""Chance: the operating system's, and its repeatable imitation."""

from janetbank.ports.entropy import Entropy
from janetbank.testing.port_conformance import EntropyConformance
from janetbank_adapters.entropy.seeded import SeededEntropy
from janetbank_adapters.entropy.system import SystemEntropy


class TestSystemEntropy(EntropyConformance):
    """The operating system's randomness obeys the laws of the port."""

    def entropy(self) -> Entropy:
        """A source of chance."""
        return SystemEntropy()


class TestSeededEntropy(EntropyConformance):
    """The imitation obeys the laws of the port."""

    def entropy(self) -> Entropy:
        """A source of chance."""
        return SeededEntropy(7)


def test_two_with_one_seed_draw_the_same() -> None:
    """The same seed gives the same draws, another seed others, and the system's never the same."""

    def draws(entropy: Entropy) -> list[object]:
        return [entropy.token(16), entropy.below(10**9), entropy.token(3)]

    assert draws(SeededEntropy(1)) == draws(SeededEntropy(1)) != draws(SeededEntropy(2))
    assert draws(SystemEntropy()) != draws(SystemEntropy())


def test_the_imitation_says_so() -> None:
    """Whoever prints it reads that it is predictable."""
    assert "PREDICTABLE" in repr(SeededEntropy(1))
