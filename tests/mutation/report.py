"""What a run of the mutants says: a table by family and sort, the survivors, and whether that is enough.

known.toml lists survivors accepted with why: `[[connus]]`, `mutants` (names, with * and ?), `pourquoi`.
"""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from tests.mutation.mutants import Mutant
from tests.mutation.trials import Trial
from tests.mutation.witnesses import STORY

KNOWN = Path(__file__).parent / "known.toml"
ENOUGH = 0.95


@dataclass(frozen=True)
class Known:
    """Survivors that are accepted. patterns: of names; * and ? stand for any characters, [ for itself."""

    patterns: tuple[str, ...]
    why: str

    def accepts(self, mutant: Mutant) -> bool:
        return any(fnmatchcase(mutant.name, pattern.replace("[", "[[]")) for pattern in self.patterns)


def known_survivors(path: Path = KNOWN) -> Sequence[Known]:
    """The entries of known.toml; each says why. Raises KeyError when one doesn't."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("connus", ())
    return [Known(tuple(entry["mutants"]), entry["pourquoi"]) for entry in entries]


@dataclass(frozen=True)
class Outcome:
    """The trials of a run, with the survivors that are accepted."""

    trials: Sequence[Trial]
    known: Sequence[Known]

    @property
    def unlisted(self) -> Sequence[Trial]:
        """The survivors that nothing accepts, in order of file and line."""
        alive = [t for t in self.trials if not t.killed and not any(k.accepts(t.mutant) for k in self.known)]
        return sorted(alive, key=lambda t: (t.mutant.file, t.mutant.line, t.mutant.name))

    @property
    def score(self) -> float:
        """Killed, out of all but the accepted survivors; 1 when there is nothing to kill."""
        killed = sum(t.killed for t in self.trials)
        return killed / (killed + len(self.unlisted)) if killed or self.unlisted else 1.0

    @property
    def fails(self) -> bool:
        """True when too few are killed, or when somebody must look at a survivor."""
        return self.score < ENOUGH or bool(self.unlisted)

    @property
    def idle(self) -> Sequence[str]:
        """Accepted names that fit no survivor any more: to be removed."""
        alive = [t.mutant for t in self.trials if not t.killed]
        single = [Known((pattern,), k.why) for k in self.known for pattern in k.patterns]
        return [k.patterns[0] for k in single if not any(k.accepts(mutant) for mutant in alive)]


def told(outcome: Outcome) -> Iterator[str]:
    """The report, line by line."""
    yield from _table("famille", outcome.trials, lambda mutant: mutant.family)
    yield ""
    yield from _table("sorte", outcome.trials, lambda mutant: mutant.sort)
    yield ""
    for alive in outcome.unlisted:
        mutant = alive.mutant
        yield f"SURVIT {mutant.file}:{mutant.line} — {mutant.name}   [{alive.asked} témoins]"
    accepted = sum(not t.killed for t in outcome.trials) - len(outcome.unlisted)
    by_story = sum(f"::{STORY}[" in t.witness for t in outcome.trials)
    killed = sum(t.killed for t in outcome.trials)
    yield (
        f"{len(outcome.trials)} mutants : {killed} tués ({by_story} par une histoire), {accepted} survivants admis, "
        f"{len(outcome.unlisted)} à regarder ; note {100 * outcome.score:.1f} % (au moins {100 * ENOUGH:.0f} %)"
    )


def _table(title: str, trials: Sequence[Trial], key: object) -> Iterator[str]:
    assert callable(key)
    groups: Mapping[str, Counter[bool]] = defaultdict(Counter)
    for each in trials:
        groups[key(each.mutant)][each.killed] += 1
    yield f"{title:<18}{'mutants':>8}{'tués':>8}{'vivants':>9}{'%':>8}"
    for name in sorted(groups):
        dead, alive = groups[name][True], groups[name][False]
        yield f"{name:<18}{dead + alive:>8}{dead:>8}{alive:>9}{100 * dead / (dead + alive):>8.1f}"
