"""Hosts that `janetbank batch` is connected to by their names."""

from janetbank.values.host_answer import HostAnswer, HostWord
from janetbank.values.identifiers import InstitutionId
from janetbank_adapters.core_banking.silent import SilentCoreBanking


class Executing(SilentCoreBanking):
    """It has executed whatever it is asked about."""

    def standing(self, institution: InstitutionId, key: str) -> HostAnswer | None:
        """Executed."""
        _ = institution, key
        return HostAnswer(HostWord.EXECUTED)


NO_HOST = "not something that can be called"
