"""Which agreements are one and the same: those of a list beside those of the registry, and beside each other."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from cdi_sync.model import Form, Registry, Row
from cdi_sync.names import name_key

NEAR_DAYS = 31  # lists give the day of the vote or of the visa for that of the signature


@dataclass(frozen=True)
class Agreement:
    """What tells an agreement from another. day: of signature or membership; year, month: when no day is known.

    subject: its object, else its title, "" when neither is given.
    """

    council: str
    partner: str
    form: Form | None
    day: date | None
    year: int | None
    month: int | None
    subject: str

    def with_partner(self, partner: str) -> "Agreement":
        return replace(self, partner=partner)

    def is_before(self, today: date) -> bool:
        """True when it is known to have been concluded before that day."""
        if self.day:
            return self.day < today
        return self.year is not None and (self.year, self.month or 12) < (today.year, today.month)

    def is_same(self, other: "Agreement") -> bool:
        """True for one council, partner and form, at near dates; what is unknown contradicts nothing.

        Without a date on one side, two objects that differ make two agreements.
        """
        if (self.council, self.partner) != (other.council, other.partner):
            return False
        if self.form and other.form and self.form != other.form:
            return False
        if self.is_dated and other.is_dated:
            return self._is_near(other)
        return not (self.subject and other.subject) or name_key(self.subject) == name_key(other.subject)

    @property
    def is_dated(self) -> bool:
        return self.day is not None or self.year is not None

    def _is_near(self, other: "Agreement") -> bool:
        if self.day and other.day:
            return abs((self.day - other.day).days) <= NEAR_DAYS
        (year, month), (other_year, other_month) = self._period, other._period
        return year == other_year and (month is None or other_month is None or month == other_month)

    @property
    def _period(self) -> tuple[int | None, int | None]:
        return (self.day.year, self.day.month) if self.day else (self.year, self.month)


@dataclass(frozen=True)
class Twin:
    """The row that holds an agreement already, and why it is the same one (French)."""

    id: str
    why: str


class Agreements:
    """The agreements known so far, those of the registry and those that the import adds."""

    def __init__(self, registry: Registry) -> None:
        self._known: dict[tuple[str, str], list[tuple[str, str, Agreement]]] = {}  # identifier, where, agreement
        for row in registry["actes"]:
            if not row.quarantined:
                self.add(row.id, _of(row))

    def add(self, id_: str, agreement: Agreement, place: str = "déjà inscrit") -> None:
        """Remembers an agreement. place: where it stands, in words, when it comes from the list."""
        self._known.setdefault((agreement.council, agreement.partner), []).append((id_, place, agreement))

    def twin(self, agreement: Agreement) -> Twin | None:
        """The first known agreement that is the same."""
        for id_, place, known in self._known.get((agreement.council, agreement.partner), ()):
            if agreement.is_same(known):
                return Twin(id_, f"{place}, {id_} : {', '.join(_shared(agreement, known))}")
        return None


def _shared(one: Agreement, other: Agreement) -> Iterator[str]:
    yield "même collectivité, même partenaire"
    if one.form and other.form:
        yield "même forme"
    if one.is_dated and other.is_dated:
        yield f"dates proches ({_dated(one)} et {_dated(other)})"
    else:
        yield "sans autre date qui les distingue"
    if one.subject and other.subject and name_key(one.subject) != name_key(other.subject):
        yield f"mais un autre objet (« {other.subject[:60]} ») : l'ajouter à la main si ce sont deux actes"


def _dated(agreement: Agreement) -> str:
    if agreement.day:
        return f"{agreement.day:%d/%m/%Y}"
    return f"{agreement.month:02d}/{agreement.year}" if agreement.month else f"{agreement.year}"


def _of(row: Row) -> Agreement:
    """A row of the registry's agreements."""
    year, month = row.number_of("annee_signature"), row.number_of("mois_signature")
    form = row.text("forme")
    return Agreement(
        row.text("collectivite"),
        row.text("partenaire"),
        Form(form) if form else None,
        row.day("date_signature") or row.day("date_adhesion"),
        int(year) if year is not None else None,
        int(month) if month is not None else None,
        row.text("objet") or row.text("intitule"),
    )
