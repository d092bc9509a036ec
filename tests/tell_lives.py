"""`python -m tests.tell_lives [FILE…]`: writes into the lives what is seen today, to be read again line by line in the diff.

What people type and its sentence stay; expectations are written anew, and a day is added for each change that time
alone brings. It is a pen, not a judge: a life is right when a jurist agrees with what it says.
"""

import re
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from cdi_sync.assessment import Knowledge, assess
from cdi_sync.model import Registry
from tests.registries import knowledge
from tests.walking import LIVES, Seen, read, registries

_EXPECTED = re.compile(r"(etape|suite|echeance|evaluation|nouveaux|leves) = ")
_DAY = "[[jours]]\n"
_ALONE = 'fait = "Le temps passe."'


def tell(path: Path) -> None:
    """Writes the expectations of a life again."""
    head, *told = path.read_text(encoding="utf-8").split(_DAY)
    typed = ["\n".join(line for line in day.splitlines() if line and not _EXPECTED.match(line)) for day in told]
    typed = [day for day in typed if _ALONE not in day]
    path.write_text(head + "".join(f"{_DAY}{day}\n\n" for day in typed), encoding="utf-8")
    before: Seen | None = None
    days, entries = [], iter(typed)
    for declared, seen in _changes(path):
        day = next(entries) if declared else f"le = {seen.day}\n{_ALONE}"
        days.append(f"{_DAY}{day}\n" + "".join(f"{line}\n" for line in _expected(before, seen)))
        before = seen
    path.write_text(head + "\n".join(days), encoding="utf-8")


def _changes(path: Path) -> Iterator[tuple[bool, Seen]]:
    """The days on which something is typed (True), and those on which something changes without it."""
    life = read(path)
    known, walked = knowledge(**life.readings), list(registries(life))
    for number, (day, held) in enumerate(walked):
        first = Seen(day["le"], assess(held, known, day["le"]))
        yield True, first
        if number + 1 < len(walked):
            last = walked[number + 1][0]["le"] - timedelta(days=1)
            if last > day["le"]:
                yield from ((False, seen) for seen in _between(held, known, first, last))


def _between(held: Registry, known: Knowledge, first: Seen, last_day: date) -> Iterator[Seen]:
    """The days on which what is shown changes, by halves: what comes and goes between two looks isn't found."""
    last = Seen(last_day, assess(held, known, last_day))
    if last.shown == first.shown:
        return
    if (last_day - first.day).days == 1:
        yield last
        return
    middle_day = first.day + (last_day - first.day) // 2
    middle = Seen(middle_day, assess(held, known, middle_day))
    yield from _between(held, known, first, middle_day)
    yield from _between(held, known, middle, last_day)


def _expected(before: Seen | None, seen: Seen) -> Iterator[str]:
    if before is None or seen.stage != before.stage:
        yield f'etape = "{seen.stage}"'
    if before is None or seen.next_stage != before.next_stage:
        yield f'suite = "{seen.next_stage}"'
    if seen.due and (before is None or seen.due != before.due):
        yield f"echeance = {seen.due}"
    if seen.evaluation != (before.evaluation if before else ""):
        yield f'evaluation = "{seen.evaluation}"'
    known = before.findings if before else frozenset()
    for key, rules in (("nouveaux", seen.findings - known), ("leves", known - seen.findings)):
        quoted = [f'"{rule}"' for rule in sorted(rules)]
        if rules:
            yield f"{key} = [{', '.join(quoted)}]"


if __name__ == "__main__":
    for life in [Path(name) for name in sys.argv[1:]] or sorted(LIVES.glob("*.toml")):
        if life.stem != "socle":
            tell(life)
