"""A directory with the real codes and names of Japanese banks and branches, from the zengin-code package.

Shape:  ZenginDirectory({InstitutionId("5441"): Terms("ja-netbank", "2026-04")}): the institutions that take part, with
        the terms of each; `cooperatives()` are all agricultural cooperatives, the credit federations among them.
Errors: ModuleNotFoundError without the extra `janetbank[directory]`; ValueError for a code that no bank bears, and for
        one whose prefecture is neither given nor known.
Source: PRF-01, LGN-01, ENR-02; the package's data stands for the day that it names (`updated_at`).

Prefectures are no part of those data.  A cooperative's is told by its code, since the codes were given out prefecture
by prefecture: each block below runs from the first to the last code in use.  The names bear it out: in each of the 47
blocks there is a cooperative that bears the prefecture's name (in three, that of its seat), and in no other block
(a test looks).  A credit federation bears its prefecture as its name.  Whoever is neither, or has
a code between two blocks, is not guessed at: its prefecture is given by whoever makes the directory.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, cast

from janetbank.ports.directory import Institution, Terms
from janetbank.values.identifiers import InstitutionId
from janetbank_adapters.directory.memory import MemoryDirectory
from janetbank_adapters.directory.prefectures import PREFECTURES

BLOCKS: Mapping[str, tuple[int, int]] = {
    "北海道": (3058, 3358),
    "青森県": (3373, 3488),
    "岩手県": (3517, 3598),
    "宮城県": (3636, 3751),
    "秋田県": (3762, 3929),
    "山形県": (3931, 4036),
    "福島県": (4047, 4196),
    "茨城県": (4238, 4425),
    "栃木県": (4445, 4533),
    "群馬県": (4540, 4677),
    "埼玉県": (4682, 4874),
    "千葉県": (4876, 5016),
    "東京都": (5030, 5100),
    "神奈川県": (5114, 5162),
    "山梨県": (5169, 5272),
    "長野県": (5311, 5499),
    "新潟県": (5554, 5864),
    "富山県": (5877, 5935),
    "石川県": (5943, 6121),
    "岐阜県": (6129, 6313),
    "静岡県": (6345, 6423),
    "愛知県": (6430, 6618),
    "三重県": (6649, 6758),
    "福井県": (6785, 6853),
    "滋賀県": (6874, 6924),
    "京都府": (6941, 6996),
    "大阪府": (7025, 7200),
    "兵庫県": (7213, 7373),
    "奈良県": (7387, 7387),
    "和歌山県": (7532, 7591),
    "鳥取県": (7601, 7641),
    "島根県": (7708, 7708),
    "岡山県": (7755, 7837),
    "広島県": (7909, 8047),
    "山口県": (8134, 8134),
    "徳島県": (8231, 8301),
    "香川県": (8332, 8332),
    "愛媛県": (8389, 8500),
    "高知県": (8551, 8589),
    "福岡県": (8621, 8730),
    "佐賀県": (8740, 8771),
    "長崎県": (8794, 8906),
    "熊本県": (8916, 9072),
    "大分県": (9103, 9145),
    "宮崎県": (9169, 9169),
    "鹿児島県": (9229, 9363),
    "沖縄県": (9375, 9375),
}
"""First and last code of the agricultural cooperatives of each prefecture."""

_FEDERATION = "信連"


class _Branch(Protocol):
    name: str


class _Bank(Protocol):
    name: str
    branches: Mapping[str, _Branch]


class ZenginDirectory(MemoryDirectory):
    """See the module; *prefectures* are those of institutions whose codes and names do not tell, or tell wrong."""

    def __init__(
        self, terms: Mapping[InstitutionId, Terms], *, prefectures: Mapping[InstitutionId, str] | None = None
    ) -> None:
        banks, given = _banks(), prefectures or {}
        if strange := sorted(str(one) for one in terms if one.code not in banks):
            msg = f"no bank has the code {', '.join(strange)}"
            raise ValueError(msg)
        found = {one: given.get(one) or _prefecture(one.code, banks[one.code].name) for one in terms}
        if untold := sorted(str(one) for one, prefecture in found.items() if prefecture is None):
            msg = f"the prefecture of {', '.join(untold)} has to be given"
            raise ValueError(msg)
        super().__init__(
            [
                Institution(id=one, name=banks[one.code].name, prefecture=prefecture, terms=terms[one])
                for one, prefecture in found.items()
                if prefecture is not None
            ],
            {one: {code: branch.name for code, branch in banks[one.code].branches.items()} for one in terms},
        )


def cooperatives() -> Sequence[InstitutionId]:
    """Every agricultural cooperative and every credit federation of them, by code."""
    return [InstitutionId(code) for code, bank in sorted(_banks().items()) if _prefecture(code, bank.name)]


def _prefecture(code: str, name: str) -> str | None:
    if (federation := name.removesuffix(_FEDERATION)) != name:
        return federation if federation in PREFECTURES else None
    return next((prefecture for prefecture, (first, last) in BLOCKS.items() if first <= int(code) <= last), None)


def _banks() -> Mapping[str, _Bank]:
    from zengin_code import Bank  # reads its thousand files when it is imported

    return cast("Mapping[str, _Bank]", cast("Any", Bank).all)
