"""`outbox`: the letters, what became of them, and what a person decides of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from cdi_sync.cli.as_json import print_json
from cdi_sync.cli.in_words import show_delivered
from cdi_sync.cli.options import Where, cdi, common
from cdi_sync.errors import CdiError, ExitCode, UnknownIdError
from cdi_sync.mail.outbox import LetterState, digest

if TYPE_CHECKING:
    from cdi_sync.edges.installation import Installation
    from cdi_sync.edges.ledger.journal import Entry
    from cdi_sync.edges.ledger.outbox import StoredLetter

_WORDS = {
    LetterState.QUEUED: "à remettre", LetterState.HELD: "retenu", LetterState.CLAIMED: "pris en charge",
    LetterState.DATA: "en cours de remise", LetterState.SENT: "remis", LetterState.FAILED: "refusé",
    LetterState.UNKNOWN: "issue inconnue", LetterState.EXPIRED: "périmé",
}  # fmt: skip
_STATES = {
    "attente": (LetterState.QUEUED, LetterState.CLAIMED, LetterState.DATA), "retenu": (LetterState.HELD,),
    "remis": (LetterState.SENT,), "refuse": (LetterState.FAILED,), "inconnu": (LetterState.UNKNOWN,),
    "perime": (LetterState.EXPIRED,),
}  # fmt: skip
_EVENTS = {"recorded": "préparé, texte figé"} | {str(state): words for state, words in _WORDS.items()}
_LEAVES = "Ils partiront au prochain « cdi run » ou « cdi remind », ou dans la minute si « cdi serve » tourne."


@cdi.group(invoke_without_command=True)
@common
@click.pass_context
def outbox(context: click.Context, where: Where) -> None:
    """Les courriels préparés, ce qu'ils sont devenus, et ce qu'on en décide. Seul : en donne la liste."""
    if context.invoked_subcommand is None:
        return _list(where, ())
    if given := [name for name in context.params if context.get_parameter_source(name) is not ParameterSource.DEFAULT]:
        raise click.UsageError(
            f"Les options se mettent après « outbox {context.invoked_subcommand} » ({', '.join(given)}).", context
        )


# ------------------------------------------------------------------------------------------------------- looking


@outbox.command("list")
@click.option(
    "--etat", "states", multiple=True, type=click.Choice(list(_STATES)), help="Seulement ceux-là ; se répète."
)
@common
def list_(states: tuple[str, ...], where: Where) -> None:
    """Liste les courriels, tous ou ceux d'un état."""
    _list(where, tuple(state for name in states for state in _STATES[name]))


def _list(where: Where, states: tuple[LetterState, ...]) -> None:
    installation = where.installation()
    notices = installation.store.outbox.notices_of()
    letters = installation.store.outbox.letters(*states)
    if where.as_json:
        return print_json([_letter_json(letter, notices.get(letter.key, []), installation) for letter in letters])
    for letter in letters:
        detail = f"\n    {letter.detail}" if letter.detail and letter.state is not LetterState.SENT else ""
        click.echo(f"{digest(letter.key)[:8]}  {letter.day:%d/%m/%Y}  {_WORDS[letter.state]:18}  {letter.to:45}  "
                   f"{len(notices.get(letter.key, []))} rappel(s)  {letter.eml}{detail}")  # fmt: skip
    of_all = " dans cet état" if states else " enregistrés"
    click.echo(f"{len(letters)} courriel(s){of_all}." if letters else f"Aucun courriel{of_all.rstrip('s')}.")
    for why, count in installation.store.outbox.for_a_person().items():
        click.echo(f"{count} attend(ent) une décision : {why}.")


def _letter_json(
    letter: "StoredLetter", notices: Sequence[Mapping[str, str]], installation: "Installation"
) -> dict[str, object]:
    return {"key": letter.key, "message_id": letter.message_id, "to": letter.to, "lang": letter.lang, "kind": letter.kind,
            "state": letter.state, "notices": notices,
            "eml": str(Path(installation.settings.mail.dossier) / letter.eml)}  # fmt: skip


@outbox.command()
@click.argument("key", metavar="N°")
@common
def show(key: str, where: Where) -> None:
    """Montre un courriel : destinataire, rappels, histoire, texte. N° : celui de la liste, ou le nom du fichier .eml."""
    installation = where.installation()
    letter = _find(key, installation)
    notices = installation.store.outbox.notices_of().get(letter.key, [])
    history, text = installation.store.journal.of(letter.key), _text_of(letter)
    if where.as_json:
        return print_json({**_letter_json(letter, notices, installation), **_more_json(letter),
                           "history": [_entry_json(entry) for entry in history], "text": text})  # fmt: skip
    click.echo(f"{digest(letter.key)[:8]}  {letter.key}\n{letter.message_id}")
    click.echo(f"Pour {letter.to}, préparé pour le {letter.day:%d/%m/%Y} ; {_WORDS[letter.state]}.")
    _show_notices(notices)
    click.echo("\nHistoire")
    _show_history(history)
    click.echo(f"\n{text}")


def _more_json(letter: "StoredLetter") -> dict[str, object]:
    return {"day": letter.day, "detail": letter.detail, "hold": letter.hold, "attempts": letter.attempts,
            "retry_at": letter.retry_at or None, "last_day": letter.last_day}  # fmt: skip


def _text_of(letter: "StoredLetter") -> str:
    """Subject and plain text of the frozen bytes."""
    from email import message_from_bytes
    from email.message import EmailMessage
    from email.policy import SMTP

    message = message_from_bytes(letter.content, policy=SMTP)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain", "html"))
    return f"Objet : {message['Subject']}\n\n{body.get_content() if body else ''}".rstrip()


# ------------------------------------------------------------------------------------------------------- deciding


@outbox.command()
@click.argument("keys", metavar="[N°]…", nargs=-1)
@click.option("--tous", "every", is_flag=True, help="Tous ceux qui attendent.")
@click.option("--motif", default="retenu à la main", metavar="TEXTE", help="Pourquoi, pour ceux qui le liront.")
@common
def hold(keys: tuple[str, ...], every: bool, motif: str, where: Where) -> None:
    """Retient un courriel qui attend : il ne partira pas avant « cdi outbox release »."""
    _decide(keys, every, where, done="retenus", then="« cdi outbox release » les laissera partir.",
            of=(LetterState.QUEUED, LetterState.HELD), all_of=lambda letter: not letter.hold,
            change=lambda at, letter, now: at.store.outbox.hold(letter.key, motif, at=now))  # fmt: skip


@outbox.command()
@click.argument("keys", metavar="[N°]…", nargs=-1)
@click.option("--tous", "every", is_flag=True, help="Tous ceux qui attendent une décision.")
@common
def release(keys: tuple[str, ...], every: bool, where: Where) -> None:
    """Laisse partir un courriel retenu."""
    _decide(keys, every, where, done="à remettre", then=_LEAVES, of=(LetterState.HELD,),
            all_of=lambda letter: bool(letter.hold),
            change=lambda at, letter, now: at.store.outbox.release(letter.key, at=now, detail="libéré à la main"))  # fmt: skip


@outbox.command()
@click.argument("keys", metavar="[N°]…", nargs=-1)
@click.option("--tous", "every", is_flag=True, help="Tous ceux que le serveur a refusés pour de bon, en plus.")
@common
def retry(keys: tuple[str, ...], every: bool, where: Where) -> None:
    """Réessaie tout de suite : ce qui attend, et les courriels refusés que l'on nomme. Jamais ceux d'issue inconnue."""
    from cdi_sync.edges import clock
    from jobs.deliver import try_at_once
    from jobs.retry import hand_over

    installation = where.installation()
    with installation.alone():
        waiting, refused = (LetterState.QUEUED,), (LetterState.FAILED,)
        found = [_find(key, installation, of=(*waiting, *refused)) for key in keys]
        found += installation.store.outbox.letters(*waiting, *(refused if every else ())) if not keys else []
        if where.dry_run:
            return _told_decided(found, where, "à réessayer", "Rien n'a été fait (--dry-run).")
        for letter in found:
            if letter.retry_at or letter.state is LetterState.FAILED:
                installation.store.outbox.release(letter.key, at=clock.now(), detail="nouvel essai demandé")
        try_at_once(installation)
        done = hand_over(installation, where.today())
    if where.as_json:
        print_json({"keys": [letter.key for letter in found], "sent": done.sent, "failed": done.failed,
                    "unknown": done.unknown, "held": done.held, "expired": done.expired, "trouble": done.trouble})  # fmt: skip
    else:
        show_delivered(done, done.failed)
    if done.went_wrong:
        raise SystemExit(ExitCode.MAIL)


@outbox.command()
@click.argument("key", metavar="N°")
@click.argument("outcome", metavar="recu|perdu", type=click.Choice(["recu", "perdu", "reçu", "sent", "lost"]))
@click.option("--par", "who", required=True, metavar="NOM", help="Qui le dit : noté au journal, avec la date.")
@common
def settle(key: str, outcome: str, who: str, where: Where) -> None:
    """Règle un courriel d'issue inconnue : « recu » (il est arrivé) ou « perdu » (il repartira).

    « recu » vaut aussi d'un courriel retenu que la personne avait déjà reçu.
    """
    from cdi_sync.edges import clock

    if not (name := " ".join(who.split())):
        raise click.UsageError("--par : écrire le nom de la personne qui le dit.")
    is_lost, installation = outcome in ("perdu", "lost"), where.installation()
    states = (LetterState.UNKNOWN,) if is_lost else (LetterState.UNKNOWN, LetterState.HELD)
    with installation.alone():
        letter = _find(key, installation, of=states)
        if where.dry_run:
            return _told_decided([letter], where, "à régler", "Rien n'a été fait (--dry-run).")
        detail = f"{'perdu' if is_lost else 'reçu'}, dit {name}"
        state = LetterState.QUEUED if is_lost else LetterState.SENT
        if not installation.store.outbox.leave(letter.key, state, of=states, at=clock.now(), detail=detail):
            raise _moved(letter)
    _told_decided(
        [letter], where, "de nouveau à remettre" if is_lost else "noté comme reçu", _LEAVES if is_lost else ""
    )


def _decide(
    keys: tuple[str, ...], every: bool, where: Where, *, done: str, then: str, of: tuple[LetterState, ...],
    all_of: Callable[["StoredLetter"], bool], change: Callable[["Installation", "StoredLetter", datetime], bool],
) -> None:  # fmt: skip
    """The same change for letters named, or for all that wait. Nothing is changed when one of those named can't be."""
    from cdi_sync.edges import clock

    if bool(keys) == every:
        raise click.UsageError("Nommer des courriels (voir « cdi outbox list »), ou --tous.")
    installation = where.installation()
    with installation.alone():
        found = (
            [letter for letter in installation.store.outbox.letters(*of) if all_of(letter)]
            if every
            else [_find(key, installation, of=of) for key in keys]
        )
        if where.dry_run:
            return _told_decided(found, where, done, "Rien n'a été fait (--dry-run).")
        changed = [letter for letter in found if change(installation, letter, clock.now())]
    _told_decided(changed, where, done, then)


def _told_decided(letters: Sequence["StoredLetter"], where: Where, done: str, then: str) -> None:
    if where.as_json:
        return print_json({"keys": [letter.key for letter in letters]})
    click.echo(f"{len(letters)} courriel(s) {done}." if letters else "Aucun courriel à changer.")
    for letter in letters:
        click.echo(f"  {digest(letter.key)[:8]}  {letter.to}")
    if letters and then:
        click.echo(then)


# -------------------------------------------------------------------------------------------------------- proving


@outbox.command()
@click.argument("id_", metavar="N°")
@common
def proof(id_: str, where: Where) -> None:
    """Prouve ce qui a été dit d'un acte, d'une session, ou par un courriel : à qui, quand, avec la réponse du serveur.

    Dit si le journal est entier. Code 4 s'il a été modifié.
    """
    installation = where.installation()
    letters, notices = _about(id_, installation, where)
    store = installation.store
    faults, (seq, head) = (
        [*store.journal.faults(), *_faults_beside(installation), *_other_addresses(letters)],
        store.journal.head(),
    )
    histories = {letter.key: store.journal.of(letter.key) for letter in letters}
    if where.as_json:
        print_json({
            "id": id_, "whole": not faults, "faults": faults, "entries": seq, "head": head,
            "letters": [{**_letter_json(letter, notices.get(letter.key, []), installation),
                         "history": [_entry_json(entry) for entry in histories[letter.key]]} for letter in letters],
        })  # fmt: skip
    else:
        for letter in letters:
            click.echo(f"\n{letter.to}, courriel {letter.message_id} ({digest(letter.key)[:8]})")
            _show_notices(notices.get(letter.key, []))
            _show_history(histories[letter.key])
        if not letters:
            click.echo(f"Aucun courriel n'a parlé de {id_}.")
        _show_faults(faults, seq, head)
    if faults:
        raise SystemExit(ExitCode.MAIL)


def _about(
    id_: str, installation: "Installation", where: Where
) -> tuple[Sequence["StoredLetter"], Mapping[str, Sequence[Mapping[str, str]]]]:
    """The letters that speak of a row, or the one letter named; and the notices of each that are shown."""
    box, wanted = installation.store.outbox, id_.upper()
    about = box.notices_about(wanted)
    if letters := [letter for letter in box.letters() if letter.key in about or f"|{wanted}|" in letter.key]:
        return letters, about
    try:
        letter = _find(id_, installation)
    except UnknownIdError as unknown:
        if "plusieurs" in unknown.what:
            raise
        from cdi_sync.cli.finding_rows import find_row

        find_row(id_, installation.read(where.today()), installation.knowledge)  # raises when no row has that number
        return [], {}
    return [letter], {letter.key: box.notices_of().get(letter.key, [])}


def _faults_beside(installation: "Installation") -> Sequence[str]:
    from cdi_sync.edges.ledger.beside import NAME, is_older

    known = is_older(installation.folder, installation.store)
    return (
        [f"le journal ne contient plus l'entrée {known.seq}, notée à part le {known.day:%d/%m/%Y} ({NAME})"]
        if known
        else []
    )


def _other_addresses(letters: Sequence["StoredLetter"]) -> Sequence[str]:
    """Letters whose recorded recipient isn't the one written in their frozen text."""
    from email import message_from_bytes
    from email.utils import parseaddr

    return [f"le destinataire de la lettre « {letter.key} » n'est pas celui de son texte"
            for letter in letters
            if parseaddr(str(message_from_bytes(letter.content)["To"]))[1].casefold() != _ascii(letter.to)]  # fmt: skip


def _ascii(address: str) -> str:
    from cdi_sync.text import ascii_address

    return (ascii_address(address) or address).casefold()


def _show_faults(faults: Sequence[str], seq: int, head: str) -> None:
    if not faults:
        return click.echo(f"\nLe journal est entier : {seq} entrée(s), empreinte {head[:16]}.")
    click.echo("\nATTENTION : le registre des courriers a été modifié par une autre main que celle du logiciel.")
    for fault in faults:
        click.echo(f"  {fault}")
    click.echo(
        "  Ce qui précède ne prouve rien pour ces lettres. Garder ce fichier tel quel, et le comparer à une sauvegarde."
    )


# -------------------------------------------------------------------------------------------------------- finding


def _find(key: str, installation: "Installation", *, of: tuple[LetterState, ...] = ()) -> "StoredLetter":
    """The letter that a person means: by its number, its key, its Message-ID or its file. Raises CdiError."""
    wanted = Path(key.strip()).name
    letters = installation.store.outbox.letters()
    exact = [letter for letter in letters if key in (letter.key, letter.message_id) or wanted == letter.eml]
    found = exact or [letter for letter in letters if wanted and _begins(letter, key.strip(), wanted)]
    if len(found) != 1:
        raise _unfound(key, found)
    if of and found[0].state not in of:
        raise _wrong_state(found[0], of)
    return found[0]


def _begins(letter: "StoredLetter", key: str, name: str) -> bool:
    return digest(letter.key).startswith(name.lower()) or letter.key.startswith(key) or letter.eml.startswith(name)


def _unfound(key: str, found: Sequence["StoredLetter"]) -> CdiError:
    if not found:
        return UnknownIdError(f"Aucun courriel n'a le numéro « {key} ».",
                              fix="Les numéros sont au début de chaque ligne de « cdi outbox list ».")  # fmt: skip
    some = ", ".join(digest(letter.key)[:8] for letter in found[:5])
    return UnknownIdError(f"« {key} » désigne plusieurs courriels ({len(found)}).", why=f"{some}{'…' if len(found) > 5 else ''}",
                          fix="En donner davantage : le numéro entier, ou le nom du fichier .eml.")  # fmt: skip


def _wrong_state(letter: "StoredLetter", of: tuple[LetterState, ...]) -> CdiError:
    possible = " ou ".join(f"« {_WORDS[state]} »" for state in of)
    return CdiError(f"Ce courriel est dans l'état « {_WORDS[letter.state]} » : cela ne se fait que pour {possible}.",
                    where=digest(letter.key)[:8], why=letter.detail, fix=f"Voir « cdi outbox show {digest(letter.key)[:8]} ».")  # fmt: skip


def _moved(letter: "StoredLetter") -> CdiError:
    return CdiError(
        "Ce courriel vient de changer d'état.", where=digest(letter.key)[:8], fix="Relire « cdi outbox list »."
    )


# ------------------------------------------------------------------------------------------------------- in words


def _show_notices(notices: Sequence[Mapping[str, str]]) -> None:
    for notice in notices:
        click.echo(
            f"  {notice['reminder']}  {notice['case']}  échelon {notice['step']} depuis le {_day(notice['anchor'])}"
        )


def _show_history(history: Sequence["Entry"]) -> None:
    for entry in history:
        detail = (
            f" (empreinte {entry.detail[:16]})"
            if entry.event == "recorded"
            else f" : {entry.detail}"
            if entry.detail
            else ""
        )
        click.echo(f"  {_moment(entry.at)}  {_EVENTS.get(entry.event, entry.event)}{detail}")


def _entry_json(entry: "Entry") -> dict[str, Any]:
    return {"seq": entry.seq, "at": entry.at, "event": entry.event, "detail": entry.detail, "digest": entry.digest}


def _day(iso: str) -> str:
    return "/".join(reversed(iso.split("-")))


def _moment(at: str) -> str:
    """At Morocco's time."""
    from cdi_sync.edges.clock import MOROCCO

    return f"{datetime.fromisoformat(at).astimezone(MOROCCO):%d/%m/%Y %H:%M:%S}" if at else "date inconnue"
