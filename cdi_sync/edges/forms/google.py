"""Forms at Google: made, brought to what is declared, published, and their answers read.

The ledger remembers which Google Form asks which form in which language, and the items that we made in it: what others added
there is never touched. Nothing is published, and no answer is lost, by reading.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cdi_sync.edges import clock
from cdi_sync.edges.workbook_google.access import FORM_SCOPES, address_of
from cdi_sync.edges.workbook_google.http import GoogleHTTP
from cdi_sync.edges.workbook_google.opening import open_http
from cdi_sync.errors import CdiError, ConfigError, RegistryError
from cdi_sync.forms.declaration import Declared
from cdi_sync.forms.google_form import (
    MARK,
    Difference,
    difference,
    google_form,
    submission_of,
    titles_of,
    unknown_questions,
)
from cdi_sync.forms.references import rows_offered
from cdi_sync.forms.submission import Submission
from cdi_sync.model import Registry

if TYPE_CHECKING:
    from cdi_sync.edges.installation import Installation

_READ = "formulaires google lus"  # the ledger's: when the latest answer was sent of those that were read
_FORMS = "https://forms.googleapis.com/v1/forms"
_PAGE = 5000  # answers asked for at once: the most that Google gives
# Asked for again at each reading: an answer may show at Google a little after the time that it bears (parametre).
_OVERLAP = timedelta(minutes=10)
_ADDRESS = re.compile(r"https://docs\.google\.com/(?:a/[^/]+/)?forms/(?:u/\d+/)?d/([\w-]{20,})(?:/.*)?")
_PUBLISHED: Any = {"publishSettings": {"publishState": {"isPublished": True, "isAcceptingResponses": True}}}


@dataclass(frozen=True)
class Made:
    """A Google Form that asks a form in a language. url: where it is filled in; items: identifiers of those that we made.

    since: when it was first known here, ISO 8601: what was answered before is read too, once.
    """

    id: str
    url: str
    items: tuple[str, ...] = ()
    since: str = ""

    @property
    def edit_url(self) -> str:
        """Where staff change it."""
        return f"https://docs.google.com/forms/d/{self.id}/edit"


@dataclass(frozen=True)
class Published:
    """What was done, or would be, to have a form asked at Google. made: None for one that would be made.

    opens: it takes answers from now on, which it didn't.
    """

    form: str
    lang: str
    made: Made | None
    changes: Difference
    opens: bool


# ------------------------------------------------------------------------------------------------- what is known


def known_forms(installation: "Installation") -> Mapping[str, Mapping[str, Made]]:
    """The Google Forms of an installation: form → language → what is known of it."""
    place = installation.ledger_place
    if isinstance(place, Path) and not place.exists():
        return {}
    told = installation.store.mark(MARK) or {}
    return {form: {lang: _made(one) for lang, one in langs.items()} for form, langs in told.items()}


def _made(told: Mapping[str, Any]) -> Made:
    return Made(told["id"], told["url"], tuple(told.get("items", ())), told.get("since", ""))


def _remember(installation: "Installation", form: str, lang: str, made: Made) -> None:
    told = installation.store.mark(MARK) or {}
    told.setdefault(form, {})[lang] = asdict(made)
    installation.store.set_mark(MARK, told)


# ------------------------------------------------------------------------------------------------- publishing


class Publisher:
    """Has forms asked at Google. registry: whose rows are offered when they are few; None to offer none."""

    def __init__(self, installation: "Installation", registry: Registry | None) -> None:
        self._installation, self._registry = installation, registry
        self._http = _http(installation)

    def publish(self, form: Declared, lang: str, *, within: str = "", dry_run: bool = False) -> Published:
        """Makes the Google Form of a form in a language, or brings it to what is declared, and lets it take answers.

        within: the identifier of a form that a person has made and shared, to ask it there. Done again, it changes nothing.
        Raises CdiError.
        """
        made = self._place(form, lang, within, dry_run=dry_run)
        there = _json(self._http, "get", f"{_FORMS}/{made.id}") if made else {}
        declared = self._installation.declarations
        offers = rows_offered(form, self._registry, declared.tabs) if self._registry else {}
        wanted = google_form(form, declared.languages[lang], offers)
        changes = difference(wanted, there, made.items if made else ())
        opens = not takes_answers(there)
        if made is None or dry_run:
            return Published(form.name, lang, made, changes, opens)
        # known before they are there: one that nobody remembers would be taken for somebody else's, and left for ever
        ours = tuple(dict.fromkeys([*made.items, *(item["itemId"] for item in wanted.items)]))
        made = replace(made, url=str(there.get("responderUri", "")), items=ours)
        _remember(self._installation, form.name, lang, made)
        if changes.requests:
            # of the form that was just read: refused, rather than done, if somebody has changed it since
            control = {"writeControl": {"requiredRevisionId": there["revisionId"]}} if there.get("revisionId") else {}
            body = {"requests": list(changes.requests), **control}
            _json(self._http, "post", f"{_FORMS}/{made.id}:batchUpdate", body)
        if opens:
            _json(self._http, "post", f"{_FORMS}/{made.id}:setPublishSettings", _PUBLISHED)
        return Published(form.name, lang, made, changes, opens)

    def _place(self, form: Declared, lang: str, within: str, *, dry_run: bool) -> Made | None:
        """The Google Form to work on, a new one if need be; None for a new one that isn't made."""
        known = known_forms(self._installation)
        mine = known.get(form.name, {}).get(lang)
        users = [name for name, langs in known.items() for made in langs.values() if made.id == within]
        if within and (users or mine) and (mine is None or mine.id != within):
            raise ConfigError(
                "Ce formulaire Google ne peut pas servir ici.", where=f"https://docs.google.com/forms/d/{within}/edit",
                why=f"il pose déjà le formulaire « {users[0]} »" if users else
                f"« {form.name} » ({lang}) est déjà posé ailleurs : {mine.edit_url if mine else ''}",
                fix="Créer un autre formulaire vide." if users else "Relancer sans --dans : celui qui est là sera mis à jour.",
            )  # fmt: skip
        if mine is not None:
            return mine
        now = clock.now().isoformat()
        if within:
            return Made(within, "", since=now)
        if dry_run:
            return None
        there = self._new(form, lang)
        made = Made(str(there["formId"]), str(there.get("responderUri", "")), since=now)
        _remember(self._installation, form.name, lang, made)
        return made

    def _new(self, form: Declared, lang: str) -> Any:
        """An empty form of the robot's. Raises RegistryError: Google lets few robots own one."""
        title = google_form(form, self._installation.declarations.languages[lang], {}).title
        try:
            return _json(self._http, "post", _FORMS, {"info": {"title": title}})
        except RegistryError as error:
            robot = address_of(self._http.auth) or "l'adresse du robot"
            raise RegistryError(
                "Google n'a pas créé le formulaire.", where=f"{form.name} ({lang})", why=f"{error.what} {error.why}".strip(),
                fix=f"Beaucoup de robots n'ont pas d'espace où le ranger. Créer un formulaire vide sur https://forms.new, "
                f"« Ajouter des collaborateurs », {robot} comme éditeur, puis : cdi forms publish {form.name} --langue {lang} "
                "--dans ADRESSE",
            ) from None  # fmt: skip


def form_id(address: str) -> str:
    """The identifier of a form by the address where it is edited, or by itself. Raises ConfigError."""
    if found := _ADDRESS.fullmatch(address.strip()):
        return found[1]
    if re.fullmatch(r"[\w-]{20,}", address.strip()):
        return address.strip()
    raise ConfigError(
        "Cette adresse n'est pas celle d'un formulaire Google que l'on modifie.", where=address[:200],
        why="elle devrait ressembler à https://docs.google.com/forms/d/…/edit ; une adresse avec « /d/e/ » ou "
        "« forms.gle » est celle où l'on répond",
        fix="Ouvrir le formulaire pour le modifier, et copier l'adresse de cette page.",
    )  # fmt: skip


def form_there(installation: "Installation", made: Made) -> Any:
    """The Form as Google has it. Raises CdiError."""
    return _json(_http(installation), "get", f"{_FORMS}/{made.id}")


def takes_answers(there: Mapping[str, Any]) -> bool:
    """Whether a Form is published and open. A form of before publication existed says nothing of it, and takes answers."""
    if "publishSettings" not in there:
        return bool(there)
    state = there["publishSettings"].get("publishState") or {}
    return bool(state.get("isPublished") and state.get("isAcceptingResponses"))


# ------------------------------------------------------------------------------------------------- answers


def new_responses(installation: "Installation") -> Iterator[Submission]:
    """What was answered or corrected at Google since it was last read, as `responses`; each is to be kept before the next.

    Read whole, it is remembered up to the latest answer, by Google's clock; stopped or failed on the way, it begins again.
    """
    told = installation.store.mark(_READ)
    latest = datetime.fromisoformat(told) if told else None
    for one in responses(installation, latest):
        yield one
        latest = one.edited if latest is None else max(latest, one.edited)
    if latest is not None and latest.isoformat() != told:
        installation.store.set_mark(_READ, latest.isoformat())


def responses(installation: "Installation", since: datetime | None) -> Iterator[Submission]:
    """What was answered or corrected at Google from that moment on (aware), all of it for None; some of it once more.

    Forms are read one after another; the answers of a form come in the order in which they were sent. One that can't be read
    keeps none of the others from being read: RegistryError is raised at the end, and tells each.
    """
    known = known_forms(installation)
    if not known:
        return
    http = _http(installation)
    failures: list[CdiError] = []
    for name, langs in known.items():
        form = installation.declarations.forms.get(name)
        for lang, made in langs.items():
            try:
                yield from _answers(http, form or _gone(name, made), lang, made, since)
            except CdiError as error:
                failures.append(error)
    if len(failures) == 1:
        raise failures[0]
    if failures:
        raise RegistryError(
            f"{len(failures)} formulaires Google n'ont pas pu être lus.", where="Google Forms",
            why="\n".join(f"{error.where} : {error.what} {error.why}".strip() for error in failures),
            fix="\n".join(dict.fromkeys(error.fix for error in failures if error.fix)),
        )  # fmt: skip


def _gone(name: str, made: Made) -> Declared:
    raise ConfigError(
        f"Le formulaire « {name} » n'est plus déclaré, et reste ouvert chez Google.", where=made.edit_url,
        why=f"aucun fichier de config/forms ne porte le nom « {name} » ; ses réponses ne sont pas relevées",
        fix="Remettre le fichier, ou fermer ce formulaire chez Google (« Réponses », ne plus accepter de réponses).",
    )  # fmt: skip


def _answers(http: GoogleHTTP, form: Declared, lang: str, made: Made, since: datetime | None) -> Iterator[Submission]:
    """What was answered to one form in one language."""
    titles: Mapping[str, str] | None = None
    read = []
    for response in _listed(http, made.id, _from(made, since)):
        if titles is None and unknown_questions(form, response):
            titles = titles_of(_json(http, "get", f"{_FORMS}/{made.id}"))
        try:
            read.append(submission_of(form, lang, response, titles or {}))
        except (KeyError, ValueError, TypeError, AttributeError):
            raise RegistryError(
                "Une réponse de Google a une forme inattendue.", where=made.edit_url, why=f"réponse {_name_of(response)}",
                fix="Vérifier la version du logiciel ; transmettre ce message à qui s'en occupe.",
            ) from None  # fmt: skip
    yield from sorted(read, key=lambda one: (one.edited, one.response))


def _name_of(response: Any) -> str:
    return str(response.get("responseId", "sans identifiant"))[:80] if isinstance(response, Mapping) else "illisible"


def _from(made: Made, since: datetime | None) -> datetime | None:
    """From when answers are asked for; None for all of them, as at the first reading of a form."""
    if since is None or not made.since or since - _OVERLAP <= datetime.fromisoformat(made.since):
        return None
    return since - _OVERLAP


def _listed(http: GoogleHTTP, form: str, since: datetime | None) -> Iterable[Any]:
    """The FormResponses of a form, all pages."""
    params: dict[str, Any] = {"pageSize": _PAGE}
    if since is not None:
        params["filter"] = f"timestamp >= {since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    while True:
        told = _json(http, "get", f"{_FORMS}/{form}/responses", params=params)
        yield from told.get("responses") or ()
        if not (token := told.get("nextPageToken")):
            return
        params = {**params, "pageToken": token}


def _http(installation: "Installation") -> GoogleHTTP:
    return open_http(installation.settings.google, installation.folder, installation.common.line, FORM_SCOPES)


def _json(http: GoogleHTTP, method: str, url: str, body: Any = None, *, params: Any = None) -> Any:
    return http.request(method, url, params=params, json=body).json()
