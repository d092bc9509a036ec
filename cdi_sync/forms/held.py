"""What a run knows of forms: what they ask, and what the ledger holds of their answers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdi_sync.forms.declaration import Declared
from cdi_sync.forms.submission import Change, Submission


@dataclass(frozen=True)
class Asked:
    """What is asked by forms. forms: by name; labels: name of a form → key of a question → folded label of a choice, in any
    language → value."""

    forms: Mapping[str, Declared] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Held:
    """What the ledger holds of an answer. submission: its latest version; version: its number, from 1.

    accepted: the version that was accepted as the row `became`, None before; changes: what it left to staff then, less what
    they have typed since. rank: order in which requests were accepted.
    """

    submission: Submission
    version: int
    accepted: Submission | None = None
    became: str = ""
    changes: tuple[Change, ...] = ()
    rank: int = 0
