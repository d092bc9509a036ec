"""Mutants against witnesses, each in a forked process, two at a time."""

import gc
import os
import pickle
import resource
import signal
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from select import select
from typing import Any, TypeVar

from tests.mutation.mutants import Mutant
from tests.mutation.witnesses import Seen, Witness
from tests.registries import law_under

PROCESSES = 2
PATIENCE = 60  # seconds of work that a mutant may take; one that goes round for ever is seen by anybody
STUCK = "ne finit pas"
_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True)
class Trial:
    """A mutant and the witness that turned red, "" when none did. asked: how many were asked."""

    mutant: Mutant
    witness: str
    asked: int

    @property
    def killed(self) -> bool:
        return bool(self.witness)


class Index:
    """Which witnesses look at a rule, a limit, a line; the quickest to decide first."""

    def __init__(self, witnesses: Sequence[Witness], seen: Sequence[Seen]) -> None:
        self.witnesses = witnesses
        self._of_rule: Mapping[str, list[int]] = defaultdict(list)
        self._of_limit: Mapping[str, list[int]] = defaultdict(list)
        self._of_line: Mapping[tuple[str, int], list[int]] = defaultdict(list)
        self._of_rules = [rank for rank, witness in enumerate(witnesses) if witness.of_rules]
        for rank, (witness, (lines, limits)) in enumerate(zip(witnesses, seen, strict=True)):
            if witness.rule:
                self._of_rule[witness.rule].append(rank)
            for limit in limits:
                self._of_limit[limit].append(rank)
            for line in lines:
                self._of_line[line].append(rank)

    def concerned(self, mutant: Mutant) -> Iterable[Witness]:
        """The witnesses that may see the change: stories of its rules, then who asks for it, executes it or lists it."""
        ranks: dict[int, None] = {}
        for rule in sorted(mutant.rules):
            ranks |= dict.fromkeys(self._of_rule.get(rule, ()))
        ranks |= dict.fromkeys(self._of_limit.get(mutant.limit, ()))
        for line in sorted(mutant.lines):
            ranks |= dict.fromkeys(self._of_line.get((mutant.file, line), ()))
        if mutant.rules and not mutant.limit:
            ranks |= dict.fromkeys(self._of_rules)
        return [self.witnesses[rank] for rank in sorted(ranks, key=lambda rank: not self.witnesses[rank].rule)]


def trial(mutant: Mutant, witnesses: Iterable[Witness]) -> tuple[str, int]:
    """The witness that turned red and how many were asked. Changes this process for good."""
    try:
        mutant.apply()
        law_under.cache_clear()
    except Exception as error:
        raise RuntimeError(f"this mutant can't be made: {mutant.name}") from error
    asked = 0
    for witness in witnesses:
        asked += 1
        if witness.turns_red():
            return witness.id, asked
    return "", asked


def trials(mutants: Sequence[Mutant], index: Index) -> Iterator[Trial]:
    """One trial a mutant, as they end."""

    def work(mutant: Mutant) -> tuple[str, int]:
        return trial(mutant, index.concerned(mutant))

    for mutant, result in in_children(mutants, work):
        witness, asked = result or (STUCK, 0)
        yield Trial(mutant, witness, asked)


def in_children(
    tasks: Sequence[_T], work: Callable[[_T], _R], patience: int = PATIENCE
) -> Iterator[tuple[_T, _R | None]]:
    """`work` of each task in a child of its own, two at a time; None when it took more than its patience.

    Raises RuntimeError when a child ended without an answer for another reason.
    """
    gc.freeze()  # what is there is shared with the children: looking for rubbish in it would copy it
    waiting, running = list(reversed(tasks)), dict[int, tuple[_T, int, list[bytes]]]()
    while waiting or running:
        while waiting and len(running) < PROCESSES:
            task = waiting.pop()
            pipe, pid = _child(partial(work, task), patience)
            running[pipe] = (task, pid, [])
        for pipe in select(list(running), [], [])[0]:
            task, pid, chunks = running[pipe]
            chunk = os.read(pipe, 1 << 20)
            if chunk:
                chunks.append(chunk)
                continue
            os.close(pipe)
            del running[pipe]
            yield task, _answer(os.waitpid(pid, 0)[1], b"".join(chunks))


def _child(work: Callable[[], Any], patience: int) -> tuple[int, int]:
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        os.close(writing)
        return reading, pid
    code = 1
    try:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_CPU, (patience, patience + 5))
        signal.signal(signal.SIGXCPU, signal.SIG_DFL)
        answer = pickle.dumps(work())
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
        code = 0
    except BaseException as error:
        sys.stderr.write(f"{error!r} ({error.__cause__!r})\n")
    finally:
        sys.stderr.flush()
        os._exit(code)


def _answer(status: int, sent: bytes) -> Any:
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL):
        return None
    if status:
        raise RuntimeError(f"a child ended with {status}")
    return pickle.loads(sent)
