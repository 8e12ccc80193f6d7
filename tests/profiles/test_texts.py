"""Whatever a bank can say it says in Japanese and in English."""

import pytest

from janetbank.messages import LANGUAGES, Language, phrase
from janetbank.profiles import Profile
from tests.messages.test_texts import SAID, TEXTS
from tests.profiles.test_banks import ALL


@pytest.mark.parametrize("profile", ALL.values(), ids=ALL)
def test_every_code_of_every_profile_has_both_texts(profile: Profile) -> None:
    """Codes that the source says, and codes that a profile brings, are counted in both languages, and none is blank."""
    codes = {*SAID, *profile.questions.catalogue}
    texts = {lang: {code for code in codes if TEXTS[lang].get(code, "").strip()} for lang in LANGUAGES}
    assert {lang: len(found) for lang, found in texts.items()} == dict.fromkeys(LANGUAGES, len(codes))
    assert len(TEXTS["ja"]) == len(TEXTS["en"]) >= len(codes)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_text_names_a_bank(lang: Language) -> None:
    """What differs from bank to bank is a placeholder, so that no bank's customers read of another one."""
    banks = {"JAネット", "JAバンク", "JA Net", "JANet", "秋田", "青森", "つないで", "Akita", "Aomori"}
    named = {code for code, text in TEXTS[lang].items() if any(bank in text for bank in banks)}
    assert named == set()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("profile", ALL.values(), ids=ALL)
def test_what_a_profile_brings_is_not_blank(profile: Profile, lang: Language) -> None:
    """Whom to ask, and the questions to choose from, are said in each language."""
    assert profile.contact.said(lang).strip()
    assert all(phrase(question, lang) for question in profile.questions.catalogue)
