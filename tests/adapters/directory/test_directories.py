"""Directories: given by hand, and with the real codes."""

from itertools import pairwise

import pytest

from janetbank.ports.directory import Directory, Institution, Terms
from janetbank.testing.port_conformance import DirectoryConformance
from janetbank.values.identifiers import InstitutionId
from janetbank_adapters.directory.memory import MemoryDirectory
from janetbank_adapters.directory.prefectures import PREFECTURES, in_customary_order
from janetbank_adapters.directory.zengin import BLOCKS, ZenginDirectory, cooperatives

TERMS = Terms("ja-netbank", "2026-04")
KISO, AOMORI_MICHINOKU = InstitutionId("5441"), InstitutionId("0117")


def institution(code: str, prefecture: str) -> Institution:
    """An institution."""
    return Institution(id=InstitutionId(code), name=f"JA{code}", prefecture=prefecture, terms=TERMS)


GIVEN = (
    institution("9375", "沖縄県"),
    institution("5448", "長野県"),
    institution("5441", "長野県"),
    institution("3058", "北海道"),
    institution("7000", "そのほか"),
)


class TestMemoryDirectory(DirectoryConformance):
    """A directory given by hand obeys the laws of the port."""

    def directory(self) -> Directory:
        """A directory."""
        return MemoryDirectory(GIVEN)


class TestZenginDirectory(DirectoryConformance):
    """The directory of every cooperative obeys the laws of the port."""

    def directory(self) -> Directory:
        """A directory."""
        return ZenginDirectory(dict.fromkeys(cooperatives(), TERMS))


def test_it_lists_what_it_was_given() -> None:
    """Prefectures from north to south, what is none of them behind, and the institutions of each by code."""
    directory = MemoryDirectory(GIVEN, {KISO: {"008": "南部"}})
    assert directory.prefectures() == ["北海道", "長野県", "沖縄県", "そのほか"]
    assert [one.id.code for one in directory.institutions("長野県")] == ["5441", "5448"]
    assert directory.branch_name(KISO, "008") == "南部"
    assert directory.branch_name(KISO, "009") is None


def test_no_institution_is_given_twice() -> None:
    """Two with one code cannot be told apart."""
    with pytest.raises(ValueError, match="5441 is given twice"):
        MemoryDirectory([institution("5441", "長野県"), institution("5441", "沖縄県")])


def test_there_are_47_prefectures_in_their_order() -> None:
    """From Hokkaido, 01, to Okinawa, 47."""
    assert len(set(PREFECTURES)) == 47
    assert in_customary_order(sorted(PREFECTURES)) == list(PREFECTURES)
    assert (PREFECTURES[0], PREFECTURES[12], PREFECTURES[46]) == ("北海道", "東京都", "沖縄県")


def test_real_names_of_institutions_and_branches() -> None:
    """Names come from the data of the Japanese banks' network."""
    directory = ZenginDirectory({KISO: TERMS})
    assert directory.institution(KISO) == Institution(id=KISO, name="木曽農協", prefecture="長野県", terms=TERMS)
    assert directory.branch_name(KISO, "008") == "南部"
    assert directory.prefectures() == ["長野県"]


def test_who_is_no_cooperative_says_where_he_is() -> None:
    """A prefecture that cannot be told is not guessed: it is given, and what is given counts."""
    with pytest.raises(ValueError, match="the prefecture of 0117 has to be given"):
        ZenginDirectory({KISO: TERMS, AOMORI_MICHINOKU: TERMS})
    there = {AOMORI_MICHINOKU: "青森県", KISO: "信州"}
    directory = ZenginDirectory({KISO: TERMS, AOMORI_MICHINOKU: TERMS}, prefectures=there)
    assert directory.prefectures() == ["青森県", "信州"]


def test_a_code_that_nobody_bears_is_refused() -> None:
    """Terms for a bank that there is not are a mistake, even between two cooperatives."""
    with pytest.raises(ValueError, match="no bank has the code 5442"):
        ZenginDirectory({InstitutionId("5442"): TERMS})


def test_the_blocks_follow_one_another() -> None:
    """Each prefecture has one block of codes, and no two meet."""
    assert set(BLOCKS) == set(PREFECTURES)
    bounds = [bound for block in BLOCKS.values() for bound in block]
    assert bounds == sorted(bounds)
    assert all(last < first for (_, last), (first, _) in pairwise(BLOCKS.values()))


SPELT = {"北海道": "札幌", "宮城県": "みやぎ", "栃木県": "宇都宮", "群馬県": "前橋", "岐阜県": "ぎふ"}
"""Where no cooperative bears the prefecture's name: its seat's, or the name in kana."""


@pytest.mark.parametrize("prefecture", PREFECTURES)
def test_the_names_bear_the_blocks_out(prefecture: str) -> None:
    """In each block there is a cooperative that bears its prefecture's name, and in no other block is there one."""
    word = SPELT.get(prefecture, prefecture[:-1])
    by_block = [one for one in _all() if not one.name.endswith("信連")]
    assert {one.prefecture for one in by_block if word in one.name} == {prefecture}


def test_a_federation_bears_its_prefecture() -> None:
    """A credit federation of cooperatives stands where its name says."""
    directory = ZenginDirectory({InstitutionId("3016"): TERMS, InstitutionId("3001"): TERMS})
    assert directory.prefectures() == ["北海道", "長野県"]


def test_fishermen_are_no_farmers() -> None:
    """The federations of the fishery cooperatives have names and codes of their own, and are not taken in."""
    assert max(one.code for one in cooperatives()) <= "9375"
    assert all("漁" not in one.name for one in _all())


def _all() -> list[Institution]:
    directory = ZenginDirectory(dict.fromkeys(cooperatives(), TERMS))
    return [one for there in directory.prefectures() for one in directory.institutions(there)]
