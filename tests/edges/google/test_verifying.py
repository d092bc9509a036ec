"""What a write fell upon when rows moved at that moment, told by the tab before and after it."""

import pytest

from cdi_sync.edges.workbook_google.verifying import Landing, landing

TITLES = ["N°", "Nom", "Étape"]
SHOWN = {3}


def found(before: list[list[str]], after: list[list[str]], *written: tuple[int, int]) -> Landing:
    return landing([TITLES, *before], [TITLES, *after], written, header_row=1, shown=SHOWN)


def test_what_landed_where_it_was_meant_is_left() -> None:
    assert not found([["", "a"], ["P-2", "b"]], [["P-3", "a"], ["P-2", "b"]], (2, 1)).lost


def test_a_row_inserted_above_is_emptied_again_and_the_others_have_their_numbers_back() -> None:
    told = found(
        [["P-1", "a"], ["", "b"], ["P-2", "c"]], [["P-9", ""], ["P-3", "a"], ["", "b"], ["P-2", "c"]], (2, 1), (3, 1)
    )
    assert told.lost == {(2, 1): "", (3, 1): "P-1"}


def test_a_row_of_reserve_that_came_there_has_its_number_back() -> None:
    before = [["P-1", "a"], ["P-2", ""], ["", "b"]]
    after = [["", ""], ["P-1", "a"], ["P-3", ""], ["", "b"]]  # P-3 was meant for b, in row 4
    assert found(before, after, (4, 1)).lost == {(4, 1): "P-2"}


def test_a_blank_row_that_came_where_a_row_stood_is_emptied_again() -> None:
    assert found([["P-1", "a"], ["", "b"]], [["P-1", "a"], ["P-2", ""], ["", "b"]], (3, 1)).lost == {(3, 1): ""}


def test_twins_are_told_apart_by_their_numbers() -> None:
    before = [["P-1", "a"], ["P-2", "a"], ["", "b"]]
    after = [["P-2", "a"], ["", "b"], ["P-3", ""]]  # the first was deleted; P-3 was meant for b
    assert found(before, after, (4, 1)).lost == {(4, 1): ""}


def test_a_row_of_reserve_that_was_moved_there_has_its_number_back() -> None:
    before = [["", "a"], ["P-1", "b"], ["P-2", ""], ["P-3", ""]]
    after = [["P-4", ""], ["", "a"], ["P-1", "b"], ["P-2", ""]]  # P-4 was meant for a; P-3 was dragged above it
    assert found(before, after, (2, 1)).lost == {(2, 1): "P-3"}


def test_a_row_moved_up_from_under_the_reserve_leaves_it_its_numbers() -> None:
    before = [["P-1", "a"], ["P-2", ""], ["", "b"]]
    after = [["", "b"], ["P-1", "a"], ["P-3", ""], ["P-4", ""]]  # P-3 was meant for b, P-4 for the reserve under it
    assert found(before, after, (4, 1), (5, 1)).lost == {(4, 1): "P-2"}


def test_of_empty_rows_the_last_are_those_that_inserted_ones_pushed_down() -> None:
    before = [["P-1", "a"], ["P-2", ""], ["", "b"]]
    after = [["P-1", "a"], ["", ""], ["P-3", ""], ["P-4", ""], ["P-5", "b"]]  # two rows came before P-2's, now in row 5
    assert found(before, after, (4, 1), (5, 1), (6, 1)).lost == {(4, 1): "", (5, 1): "P-2", (6, 1): ""}


def titles(before: list[str], after: list[str], *written: int) -> Landing:
    rows = [["P-1", "a"], ["P-2", "b"]]
    places = [(1, column) for column in written]
    return landing(
        [before, *rows], [after, *rows], places, header_row=1, shown={at for at in (4, 5) if at <= len(before)}
    )


WIDE = ["N°", "Nom", "Reporté au", "À corriger", "Contrôlé le"]


@pytest.mark.parametrize("before", [
    ["N°", "Nom", "Reporté au", "À corriger"],
    ["N°", "Nom", "Reporté au", "#REF!", "#REF!"],
    ["N°", "", "Reporté au", "Reporté au", "#REF!"],
], ids=["blanked", "broken", "twice"])  # fmt: skip
def test_titles_that_a_formula_replaces_where_nothing_moved_are_left(before: list[str]) -> None:
    now = [*before[:3], "À corriger", "Contrôlé le"]
    told = titles(before, now, 4, 5)
    assert not told.lost
    assert not told.is_beside


@pytest.mark.parametrize(("now", "lost"), [
    (["N°", "Nom", "Reporté au", "À corriger", "Contrôlé le"], {}),
    (["N°", "", "Nom", "À corriger", "Contrôlé le", "Contrôlé le"], {(1, 4): "Reporté au", (1, 5): "À corriger"}),
    (["N°", "", "Nom", "À corriger", "Contrôlé le", "#REF!"], {(1, 4): "Reporté au", (1, 5): "À corriger"}),
    (["N°", "Nom", "", "À corriger", "Contrôlé le", "#REF!"], {(1, 4): "Reporté au", (1, 5): "À corriger"}),
    (["N°", "#REF!", "Nom", "À corriger", "Contrôlé le"], {(1, 4): "Reporté au"}),
    (["N°", "Appelé ainsi", "Reporté au", "À corriger", "Contrôlé le"], {}),
], ids=["unmoved", "inserted", "inserted, one broken", "inserted beside", "moved", "renamed"])  # fmt: skip
def test_a_title_that_a_formula_fell_upon_is_put_back(now: list[str], lost: dict[tuple[int, int], str]) -> None:
    assert titles(WIDE, now, 4, 5).lost == lost


def test_a_repair_that_falls_beside_is_found_where_it_went() -> None:
    first = found([["P-1", "a"], ["", "b"]], [["P-1", "a"], ["P-2", ""], ["", "b"]], (3, 1))
    now = [["", ""], ["", "a"], ["P-2", ""], ["", "b"]]  # a row more above: the repair of row 3 emptied the number of a
    assert repaired(first, [["P-1", "a"], ["P-2", ""], ["", "b"]], now).lost == {(3, 1): "P-1", (4, 1): ""}


def repaired(first: Landing, before: list[list[str]], after: list[list[str]]) -> Landing:
    """What became of the repair of a write."""
    return landing([TITLES, *before], [TITLES, *after], first.lost, header_row=first.header_row, shown=first.shown,
                   pending=first.lost)  # fmt: skip


def test_a_repair_that_was_refused_is_still_to_be_done_where_the_row_is_now() -> None:
    there = [["P-1", "a"], ["P-2", ""], ["", "b"]]
    first = found([["P-1", "a"], ["", "b"]], there, (3, 1))
    assert repaired(first, there, there).lost == {(3, 1): ""}
    assert repaired(first, there, there[1:]).lost == {(2, 1): ""}


def test_a_repair_leaves_what_somebody_typed_there_since() -> None:
    there = [["P-1", "a"], ["P-2", ""], ["", "b"]]
    first = found([["P-1", "a"], ["", "b"]], there, (3, 1))
    assert not repaired(first, there, [["P-1", "a"], ["P-7", ""], ["", "b"]]).lost
