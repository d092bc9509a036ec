"""Whatever text stands in the cells that a letter quotes: the same headers, one recipient, the same tags, no template.

Each example fills six cells of a small workbook at once. The suite makes 30 letters; the proof makes 100,000 texts.
"""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from cdi_sync.mail.message import HEADERS
from cdi_sync.rules import Rulebook
from cdi_sync.text import no_encoded_word, tidy
from tests.mail.nasty import KNOWN, OFFICER, letters, page_of, received, recipients, seen, text_of, world

CELLS, TEXTS, SEEDS = 6, 100_000, range(8)
TRAPS = (
    "{{7*7}}", "{% for x in range(9) %}boum{% endfor %}", "{{''.__class__.__mro__}}", "{# rien #}", "%(count)s", "{reunion}",
    "{0.__class__}", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='x", "</bdi></td><td>",
    "<!--", "-->", "]]>", "&lt;b&gt;", "&#x3c;b>", "<mj-raw>", "javascript:alert(1)", "=?utf-8?q?a=0ABcc=3A_x=40y.example?=",
    "\r\nBcc: x@y.example", "\n.\n", "From x", "\u2028", "\x85", "\x00", "\x1b[31m", "\u202e", "\u2066", "\ud83d", "é" * 400,
    "جماعة فاس", "👍🏽", "=HYPERLINK(1)", "'); DROP TABLE letters;--", "a" * 2000, ".", "--=_", "$(id)", "`id`",
)  # fmt: skip
ONE = st.lists(st.sampled_from(TRAPS) | st.text(max_size=40), min_size=1, max_size=4).map("".join)
CELL = ONE.map(lambda typed: typed if tidy(typed) else "x")  # an empty cell isn't quoted

# The rules that letters cite: the others judge the rows, and letters don't quote them.
_CITED = {rule for each in KNOWN.reminders for rule in each.rules} | {"DATA-01", "DATA-02", "DATA-04"}
CITING = replace(KNOWN, rulebook=Rulebook([rule for id_, rule in KNOWN.rulebook.items() if id_ in _CITED]))


@cache
def harmless() -> tuple[list[str], list[tuple[str, str]]]:
    """The tags and attributes of the same letter about ordinary cells."""
    page = page_of(received(letters(seen(world(), CITING))[OFFICER]))
    return page.order, page.attributes


def assert_text_stays_text(cells: list[str]) -> None:
    written = letters(seen(world(cells), CITING))
    message = received(written[OFFICER])
    assert sorted(message.keys()) == sorted(HEADERS)
    assert recipients(message) == [OFFICER]
    assert [one.addr_spec for one in message["From"].addresses] == ["cdi@fes.example"]
    title, council, name, *places = map(tidy, cells)
    assert "".join(message["To"].addresses[0].display_name.split()) == "".join(no_encoded_word(name).split())
    page, text = page_of(message), text_of(message)
    assert (page.order, page.attributes) == harmless()
    for quoted in (title, council, name):
        assert quoted in text
        assert quoted in page.isolated
    for place in places:
        assert f", {place}" in text
        assert place in page.whole


@settings(max_examples=30, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(CELL, min_size=CELLS, max_size=CELLS))
def test_any_text_of_a_staff_cell_stays_text(cells: list[str]) -> None:
    assert_text_stays_text(cells)


@pytest.mark.proof
@pytest.mark.parametrize("number", SEEDS)
def test_a_hundred_thousand_texts_of_staff_cells_stay_text(number: int, capsys: pytest.CaptureFixture[str]) -> None:
    count = -(-TEXTS // CELLS // len(SEEDS))

    @seed(number)
    @settings(max_examples=count, database=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(CELL, min_size=CELLS, max_size=CELLS))
    def prove(cells: list[str]) -> None:
        assert_text_stays_text(cells)

    prove()
    with capsys.disabled():
        print(f"\n{count * CELLS} texts in {count} letters, seed {number}")
