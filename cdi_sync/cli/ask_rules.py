"""`cdi rules`: the 236 rules, the statements that no machine can check, one of them in detail, or on one row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from cdi_sync.cli.as_json import judgement_json, print_json, rule_json, statement_json
from cdi_sync.cli.options import Where, cdi, common
from cdi_sync.errors import UnknownIdError

if TYPE_CHECKING:
    from cdi_sync.edges.config import Declarations
    from cdi_sync.model import Form
    from cdi_sync.rules import Rule
    from cdi_sync.rules.statements import Statement

ON_EVERY_LINE = "toujours"  # in `exigible`: owed from the start


_FACT = re.compile(r"\{\w+\}")  # what each case fills in


@cdi.command()
@click.argument("id_", metavar="[RÈGLE]", required=False)
@click.option("--sur", "row", metavar="N°", help="Ce que la règle dit d'un acte ou d'une ligne, et pourquoi.")
@click.option(
    "--hors-controle", "aside", is_flag=True, help="Lister ce que le guide dit et qu'aucun logiciel ne vérifie."
)
@common
def rules(id_: str | None, row: str | None, aside: bool, where: Where) -> None:
    """Liste les règles de la procédure, en détaille une, ou dit ce qu'elle conclut d'une ligne."""
    from cdi_sync.edges.config import Declarations

    overlay = where.config.resolve().parent / "config" if where.config.is_file() else None
    declared = Declarations(overlay)
    if row and not id_:
        raise click.UsageError("--sur demande une règle : « cdi rules GEN-12 --sur ACT-00001 ».")
    if row and id_:
        return _rule_on_row(_known(id_, declared), row, where)
    if aside:
        return _list_aside(declared, where)
    if id_:
        return _one(_known(id_, declared), declared, where)
    return _all(declared, where)


def _known(id_: str, declared: "Declarations") -> str:
    """The identifier of a rule or of a statement, as declared. Raises UnknownIdError with those that come near."""
    wanted, ids = id_.upper(), [*declared.rulebook, *declared.statements]
    if wanted in ids:
        return wanted
    near = get_close_matches(wanted, ids, n=3, cutoff=0.6)
    fix = f"Vouliez-vous dire {' ou '.join(near)} ? " if near else ""
    raise UnknownIdError(f"Aucune règle ne s'appelle « {id_} ».", fix=f"{fix}La liste : « cdi rules ».")


def _points(rule: str, declared: "Declarations") -> list[str]:
    """The contradictions whose reading changes what that rule says."""
    return [id_ for id_, point in declared.interpretations.items() if rule in point["decide"]]


# ---------------------------------------------------------------------------------------------------- the list


def _all(declared: "Declarations", where: Where) -> None:
    chosen = list(declared.rulebook.values())
    if where.as_json:
        return print_json([rule_json(rule, _points(rule.id, declared)) for rule in chosen])
    for rule in chosen:
        click.echo(_line(rule))
    executable = sum(rule.executable for rule in chosen)
    click.echo(f"\n{len(chosen)} règles, dont {executable} vérifiées par le système (✓).")
    click.echo(
        f"S'y ajoutent {len(declared.statements)} phrases du guide qu'aucun logiciel ne vérifie : « cdi rules --hors-controle »."
    )


def _line(rule: "Rule") -> str:
    return f"{'✓' if rule.executable else '·'} {rule.id:8} {rule.severity:10} {rule.title}"


def _list_aside(declared: "Declarations", where: Where) -> None:
    if where.as_json:
        return print_json([statement_json(statement) for statement in declared.statements.values()])
    for statement in declared.statements.values():
        _show_statement(statement, declared)
    click.echo(f"\n{len(declared.statements)} phrases du guide, hors de tout contrôle.")


def _show_statement(statement: "Statement", declared: "Declarations") -> None:
    click.echo(f"— {statement.id}  {statement.says}")
    click.echo(f"    texte : {statement.source}")
    click.echo(f"    pourquoi aucun contrôle : {statement.why}")
    click.echo(f"    à la place : {statement.instead}")
    for id_ in statement.rules:
        click.echo(f"      {_line(declared.rulebook[id_])}")


# ----------------------------------------------------------------------------------------------------- one rule


def _one(id_: str, declared: "Declarations", where: Where) -> None:
    if id_ in declared.statements:
        if where.as_json:
            return print_json([statement_json(declared.statements[id_])])
        return _show_statement(declared.statements[id_], declared)
    rule = declared.rulebook[id_]
    if where.as_json:
        return print_json([rule_json(rule, _points(id_, declared))])
    click.echo(_line(rule))
    for line in _details(rule, declared, _chosen(declared, where), where):
        click.echo(f"    {line}")


def _chosen(declared: "Declarations", where: Where) -> Mapping[str, str]:
    """The readings of this installation, or the defaults where there is none."""
    from cdi_sync.edges.config import read_settings

    chosen = read_settings(where.config).interpretations if where.config.is_file() else {}
    return declared.readings(chosen)


def _details(rule: "Rule", declared: "Declarations", readings: Mapping[str, str], where: Where) -> Iterator[str]:
    yield f"s'applique à : {_forms(rule)}"
    yield f"textes : {' ; '.join(rule.sources)}"
    if rule.gates:
        yield f"demandée pour passer : {', '.join(rule.gates)}"
    if not rule.executable:
        yield f"non vérifiée : {rule.reason}"
        return
    yield f"attendu : {rule.expected}"
    yield from _place(rule, declared)
    yield from _when(rule, declared, where)
    for text in rule.messages:
        yield f"dit : {_FACT.sub('…', rule.messages[text])}"
        yield f"    que faire : {rule.fixes.get(text, rule.fixes.get('', ''))}"
    if example := declared.help_texts().examples.get(rule.id):
        yield f"exemple : {example.situation}. « {example.message} »"
    for id_ in _points(rule.id, declared):
        point = declared.interpretations[id_]
        yield f"dépend de {id_} ({point['titre']}) : lecture « {readings[id_]} », {point['lectures'][readings[id_]]}"
        others = [name for name in point["lectures"] if name != readings[id_]]
        yield f"    à choisir dans settings.toml, [interpretations] ; autre(s) : {', '.join(others)}"


def _forms(rule: "Rule") -> str:
    from cdi_sync.explain import FORMS

    def names(forms: "frozenset[Form]") -> str:
        return ", ".join(FORMS[form] for form in sorted(forms))

    more = [f"{names(forms)} avec la lecture {name}" for name, forms in rule.more_forms.items()]
    return " ; ".join([names(rule.forms), *more])


def _place(rule: "Rule", declared: "Declarations") -> Iterator[str]:
    """Where the rule looks: the rows that it speaks of, and every column that it reads."""
    if rule.subject in declared.tabs:
        yield f"contrôlée sur : chaque ligne de l'onglet {declared.tabs[rule.subject].title} ({rule.kind})"
    read: dict[str, list[str]] = {}
    for place in rule.fields:
        tab, _, column = place.partition(".")
        read.setdefault(declared.tabs[tab].title, []).append(f"« {declared.tabs[tab].column(column).title} »")
    for title, columns in read.items():
        yield f"lit : {title}, {', '.join(columns)}"


def _when(rule: "Rule", declared: "Declarations", where: Where) -> Iterator[str]:
    from cdi_sync.procedure import EVENT_WORDS

    if rule.always_due:
        yield "exigible : toujours"
    elif rule.due:
        yield f"exigible : dès que {' ou '.join(EVENT_WORDS[kind] for kind in rule.due)}"
    if rule.module:
        yield f"module : {rule.module}"
    if rule.living:
        yield "demandée aussi aux actes historiques"
    if rule.limit:
        limit = declared.law.limits[rule.limit]
        dated = next((d for d in reversed(limit.history) if d.since <= where.today()), limit.history[0])
        units = ", ".join(dict.fromkeys(limit.units.values())).replace("_", " ")
        yield f"limite : {limit.title}, {_by_tier(dated.values)} ({units}) ; compté depuis : {limit.counted_from}"
        texts = (text for citation in dated.citations.values() for text in citation.split(" ; "))
        yield f"    {' ; '.join(dict.fromkeys(texts))}"


def _by_tier(values: Mapping[str, Any]) -> str:
    """« 20 », or « REGION 10, COMMUNE 15 » when levels differ."""
    if len(set(values.values())) == 1:
        return str(next(iter(values.values())))
    return ", ".join(f"{tier} {value}" for tier, value in values.items())


# ------------------------------------------------------------------------------------------------ on one row


def _rule_on_row(id_: str, row_id: str, where: Where) -> None:
    from cdi_sync.cli.finding_rows import find_row
    from cdi_sync.explain import case_of_row, rule_on

    installation = where.installation()
    reading, knowledge = installation.read(where.today()), installation.knowledge
    if id_ not in knowledge.rulebook:
        return _one(id_, installation.declarations, where)
    row = find_row(row_id, reading, knowledge)
    case = case_of_row(row, reading.assessment, knowledge)
    rows: Sequence[Any] = [row]
    if case and row.tab == "actes":
        rows = [*case.rows(), *([case.council] if case.council else [])]
    rule = knowledge.rulebook[id_]
    if where.as_json:
        said = [one for r in rows for one in reading.assessment.judge(r) if one.rule == id_]
        return print_json([judgement_json(one) for one in said])
    click.echo(_line(rule))
    click.echo(rule_on(rule, rows, case, reading.assessment, knowledge))
