"""Mutation testing of the rulebook: is each value, date, condition and gate held by some story?

`make mutation` (or `python -m tests.mutation --only LEX-02`). A *mutant* is the rulebook with one thing changed:

- `valeur`, `debut`: a number of law.toml one unit lower or higher, the day it begins a day earlier or later;
- `comparaison`: `<` for `<=`, `==` for `!=`… in the checks and in what calendar.py and law.py decide;
- `condition`: one condition of an `and`, an `or`, a comprehension, or a lone `if` left out;
- `effet`: what a check says of a problem left out: its own severity, that nothing can mend it, until when it waits;
- `passage`, `exigible`: a rule no longer guards a transition, or is no longer owed from an event;
- `clause`: an element of a rule's `parametres` left out, a number or a switch changed;
- `gravite`: another severity;
- `lecture`: another default reading of the texts.

A *witness* is a test without fixtures: each story of tests/stories, then the tests of FILES. A mutant is killed when a
witness that looks at what was changed turns red. What looks at what is recorded once, on the rulebook as it is: the
lines that each witness executes and the limits that it asks for. A story is run with its own rule alone, which says
the same and is several times as fast. Each mutant lives in a forked process, so that nothing of it can stay behind.

Why not mutmut, cosmic-ray or mutatest: they change Python files on disk and start the test command again for each
mutant, with no idea of TOML. Half of our rulebook is configuration, and a start of pytest alone costs more than the
dozen stories that settle a mutant here.
"""
