"""Signed reply addresses: what they name, and that nobody else can make one."""

import pytest

from cdi_sync.errors import ConfigError
from cdi_sync.mail import tokens
from cdi_sync.mail.outbox import Parcel
from cdi_sync.mail.tokens import Token, mark_of, token

SECRET, KEY = bytes(range(32)), "rappels|amina@fes.example|2026-11-23|r1"
LINE = mark_of("REM-VIS-02", "ACT-00001", "VIS-00001", "2026-10-08")


def test_a_token_names_the_letter_by_its_message_id_and_the_line() -> None:
    stem = Parcel("rappels", "amina@fes.example", KEY).message_id("fes.example")[1:13]
    assert tokens.read(SECRET, token(SECRET, KEY)) == Token(stem, "")
    assert tokens.read(SECRET, token(SECRET, KEY, LINE)) == Token(stem, LINE)


def test_a_token_is_short_plain_and_read_in_any_case() -> None:
    text = token(SECRET, KEY, LINE)
    assert len(text) == 32
    assert text == text.lower()
    assert text.isalnum()
    assert tokens.read(SECRET, text.upper()) == tokens.read(SECRET, text)
    assert "amina" not in text


def test_a_token_with_any_character_changed_is_refused() -> None:
    text = token(SECRET, KEY, LINE)
    for place in range(len(text)):
        other = "a" if text[place] != "a" else "b"
        assert tokens.read(SECRET, text[:place] + other + text[place + 1 :]) is None, place


@pytest.mark.parametrize("text", ["", "a" * 31, "a" * 32, "a" * 33, "é" * 32, "1" * 32, "=" * 32])
def test_what_is_no_token_is_refused(text: str) -> None:
    assert tokens.read(SECRET, text) is None


def test_a_token_made_with_another_secret_is_refused() -> None:
    assert tokens.read(bytes(32), token(SECRET, KEY)) is None


def test_a_reply_address_carries_its_token() -> None:
    address = tokens.address("Reponses@Fes.example", token(SECRET, KEY))
    assert len(address.partition("@")[0]) <= 64
    assert tokens.carried(address.upper(), "reponses@fes.example") == token(SECRET, KEY)


@pytest.mark.parametrize(
    "address", ["reponses@fes.example", "autre+x@fes.example", "reponses+x@autre.example", "", "@"]
)
def test_another_address_carries_none(address: str) -> None:
    assert tokens.carried(address, "reponses@fes.example") == ""


def test_an_address_that_a_token_would_make_too_long_is_refused() -> None:
    assert tokens.address("a" * 31 + "@fes.example", token(SECRET, KEY))
    with pytest.raises(ConfigError, match="L'adresse des réponses"):
        tokens.address("a" * 32 + "@fes.example", token(SECRET, KEY))
