"""Who can be written to, in which role, on which day: the contacts tab and the hierarchy of `config/roles.toml`. Pure.

A person without a usable work address, whose address came back as unusable, no longer active or past the last day in
office isn't reachable. Wali,
Governor and DGCT never are, whatever other role their address holds.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from cdi_sync.errors import ConfigError
from cdi_sync.model import CellProblem, Registry, Row
from cdi_sync.tables import IDENTITY
from cdi_sync.text import fold

TEAM_ROLES = ("REFERENT_CDI", "MEMBRE_EQUIPE")
NAMED = "ligne"  # the pseudo-role of somebody named by the row itself: "ligne.rapporteur"
LISTED = "liste"  # that of the people whom a list of the row names: "liste.participants_invites"


class Sending(StrEnum):
    """What a role may be sent by itself."""

    ALL = "tout"  # whatever its ladders say
    SHARED = "partage"  # only what both partners share
    NEVER = "jamais"  # nothing


@dataclass(frozen=True)
class Role:
    """One role. instead: the next in the hierarchy, "" at the top. wanted: a council with a live case must fill it."""

    code: str
    instead: str = ""
    sending: Sending = Sending.ALL
    wanted: bool = False


def parse_roles(data: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Role]:
    """The tables of `roles.toml` by code. Raises ConfigError naming the role and the key."""
    roles = {code: _role(code, table) for code, table in data.items()}
    for role in roles.values():
        if role.instead and role.instead not in roles:
            raise ConfigError(f"Rôle inconnu : « {role.instead} ».", where=f"roles.toml [{role.code}] a_defaut",
                              fix=f"Rôles possibles : {', '.join(roles)}.")  # fmt: skip
    return roles


def _role(code: str, table: Mapping[str, Any]) -> Role:
    unknown = set(table) - {"a_defaut", "envoi", "exige"}
    if unknown:
        raise ConfigError(f"Clé inconnue : {', '.join(sorted(unknown))}.", where=f"roles.toml [{code}]",
                          fix="Clés possibles : a_defaut, envoi, exige.")  # fmt: skip
    try:
        sending = Sending(table.get("envoi", Sending.ALL))
    except ValueError:
        raise ConfigError(f"Envoi inconnu : « {table['envoi']} ».", where=f"roles.toml [{code}] envoi",
                          fix=f"Valeurs possibles : {', '.join(Sending)}.") from None  # fmt: skip
    return Role(code, table.get("a_defaut", ""), sending, table.get("exige", False))


@dataclass(frozen=True)
class RefusedAddress:
    """An address that a mail server says nobody is at. since: the day it came back; status: its code, as "5.1.1"."""

    since: date
    status: str


class Directory:
    """Who holds which role, today. refused: addresses, in lower case, that came back as unusable."""

    def __init__(
        self, registry: Registry, roles: Mapping[str, Role], today: date, refused: Collection[str] = ()
    ) -> None:
        self.roles = roles
        never = {code for code, role in roles.items() if role.sending is Sending.NEVER}
        contacts = [row for row in registry["contacts"] if not row.quarantined]
        barred = {_address(row) for row in contacts if row["fonction_role"] in never} | set(refused)
        self._names = {row.id: row.text("nom_prenom") for row in contacts}
        self._reachable = {row.id: row for row in contacts if _in_office(row, today) and _address(row) not in barred}
        self._held: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self._of: dict[str, list[Row]] = defaultdict(list)
        for row in self._reachable.values():
            # a partner's contact is filed under the partner, even when a council is named as well
            body = row.text("partenaire") or row.text("collectivite")
            self._held[body, row.text("fonction_role")].append(row)
            self._of[body].append(row)

    @property
    def addresses(self) -> frozenset[str]:
        """Every address that may be written to, in lower case."""
        return frozenset(map(_address, self._reachable.values()))

    def name_of(self, contact_id: str) -> str:
        """The name of the person of that number, in office or not; "" when unknown."""
        return self._names.get(contact_id, "")

    def holding(self, role: str, body: str) -> tuple[Row, ...]:
        """The reachable people who hold a role for a council or a partner, by its identifier."""
        return tuple(self._held.get((body, role), ())) if body else ()

    def of(self, body: str) -> tuple[Row, ...]:
        """Everybody reachable of a council or a partner, by its identifier."""
        return tuple(self._of.get(body, ())) if body else ()

    def named(self, contact_id: str, bodies: tuple[str, ...]) -> tuple[Row, ...]:
        """The person of that number, when reachable and of one of those bodies."""
        row = self._reachable.get(contact_id)
        return (row,) if row and (row.text("partenaire") or row.text("collectivite")) in bodies else ()

    def listed(self, names: tuple[str, ...], bodies: tuple[str, ...]) -> tuple[Row, ...]:
        """The reachable people of those bodies whom a list names, by number, address or name."""
        told = {fold(name) for name in names} - {""}
        keys = ("nom_prenom", "courriel_institutionnel")
        found = (row for id_ in self._reachable for row in self.named(id_, bodies))
        return tuple(row for row in found if fold(row.id) in told or any(fold(row.text(key)) in told for key in keys))

    def climb(self, role: str, council: str) -> tuple[str, tuple[Row, ...]]:
        """The role nearest in the hierarchy that somebody holds, this one included, and who; ("", ()) if none."""
        for code in self._chain(role):
            if people := self.holding(code, council):
                return code, people
        return "", ()

    def _chain(self, role: str) -> Iterator[str]:
        seen: set[str] = set()
        while role and role not in seen:
            seen.add(role)
            if self.roles[role].sending is Sending.ALL and role != NAMED:
                yield role
            role = self.roles[role].instead


def refused_addresses(registry: Registry, refused: Mapping[str, RefusedAddress], today: date) -> Iterator[CellProblem]:
    """The contacts in office whose address came back: told at the cell, until it holds another address."""
    for row in registry["contacts"]:
        found = refused.get(_address(row)) if is_active(row, today) and not row.quarantined else None
        if found:
            yield CellProblem(
                rule=IDENTITY, tab=row.tab, id=row.id, row=row.number, column="courriel_institutionnel",
                read=row.text("courriel_institutionnel"), expected="une adresse à laquelle les courriels arrivent",
                message=f"Adresse refusée par le serveur du destinataire le {found.since:%d/%m/%Y} (code {found.status}) : "
                "plus rien n'y est envoyé, les rappels vont au suivant dans la hiérarchie.",
                fix="Corriger l'adresse. Si elle est bonne : « cdi mailbox pardonner ADRESSE ».",
            )  # fmt: skip


def _address(row: Row) -> str:
    return row.text("courriel_institutionnel").casefold()


def is_active(contact: Row, today: date) -> bool:
    """True unless that person has left: "Actif" isn't Non, and the last day in office isn't over."""
    end = contact.day("date_fin")
    return contact.says("actif") is not False and (end is None or end >= today)


def _in_office(row: Row, today: date) -> bool:
    return bool(_address(row)) and is_active(row, today)
