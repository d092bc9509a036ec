"""`make mutation`, or `python -m tests.mutation [--only REGEX] [--witnesses REGEX]`: by default all mutants, all witnesses.

Exits 1 when fewer than 95 % are killed, or when a survivor isn't in known.toml.
"""

import argparse
import re
import sys
import time
from collections.abc import Sequence

from tests.mutation.code import ROOT, code_mutants, files
from tests.mutation.mutants import Mutant, declared_mutants
from tests.mutation.report import Outcome, known_survivors, told
from tests.mutation.trials import PROCESSES, Index, in_children, trials
from tests.mutation.witnesses import NOTHING_SEEN, Seen, Witness, collect, recorded
from tests.registries import DECLARED


def main(arguments: Sequence[str]) -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="", help="regular expression found in the names of mutants")
    options.add_argument("--witnesses", default="", help="regular expression found in the names of tests")
    chosen = options.parse_args(arguments)
    only, asked = re.compile(chosen.only), re.compile(chosen.witnesses)
    start = time.monotonic()
    mutants = [mutant for mutant in all_mutants() if only.search(mutant.name)]
    witnesses = [witness for witness in collect() if asked.search(witness.id)]
    for witness in witnesses:
        if witness.rule:
            witness.turns_red()  # what it reads, and the holidays, are remembered here, once for all the children
    recording = any(mutant.lines or mutant.limit for mutant in mutants)
    index = Index(witnesses, _seen(witnesses) if recording else [NOTHING_SEEN] * len(witnesses))
    print(f"{len(witnesses)} témoins, {len(mutants)} mutants ({time.monotonic() - start:.0f} s)", flush=True)
    done = []
    for each in trials(mutants, index):
        done.append(each)
        if not each.killed:
            print(f"  vivant : {each.mutant.name}", flush=True)
        if len(done) % 200 == 0:
            print(f"  {len(done)} ({time.monotonic() - start:.0f} s)", flush=True)
    outcome = Outcome(done, known_survivors())
    for line in told(outcome):
        print(line)
    if not (only.pattern or asked.pattern):
        for name in outcome.idle:
            print(f"known.toml : « {name} » ne correspond plus à aucun survivant.")
    print(f"{time.monotonic() - start:.0f} s")
    return 1 if outcome.fails else 0


def all_mutants() -> Sequence[Mutant]:
    """Those of what is declared, then those of the checks."""
    return [*declared_mutants(DECLARED), *(mutant for path in files() for mutant in code_mutants(path))]


def _seen(witnesses: Sequence[Witness]) -> Sequence[Seen]:
    """What each witness looks at, recorded in two processes."""
    names = [str(path.relative_to(ROOT)) for path in files()]

    def work(part: int) -> list[Seen]:
        return [recorded(witness, names, str(ROOT)) for witness in witnesses[part::PROCESSES]]

    seen: list[Seen] = [NOTHING_SEEN] * len(witnesses)
    for part, found in in_children(range(PROCESSES), work, patience=900):
        assert found is not None, "the witnesses take too long"
        seen[part::PROCESSES] = found
    return seen


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
