"""The help tab: the procedure in ten lines, the legend, what each tab is for, every rule with its place and
an example, the glossary. Pure.

Columns: A a name, B to G what is said of it, H findings. The row of a rule is what other tabs link to.
"""

from collections.abc import Mapping, Sequence

from cdi_sync.assessment import Knowledge
from cdi_sync.help_texts import ORIGINS
from cdi_sync.model import Tab
from cdi_sync.rules.rulebook import Example, Rule
from cdi_sync.shown import ANOMALIES, MARKS, Shown, ShownGrid, head, quoted, text

CORE = "socle"  # the module of what always shows

_PROCEDURE = (
    "Une ligne par acte dans l'onglet Actes ; les numéros de la colonne A sont déjà là, commencez à la première ligne libre.",
    "Remplissez d'abord Collectivités, Contacts et Partenaires, puis l'acte : forme, collectivité, partenaire, objet.",
    "Un acte déjà conclu autrefois : répondez Oui à « Acte historique » et donnez au moins l'année de signature.",
    "Datez chaque démarche quand elle est faite ; l'étape se déduit des dates, elle ne se saisit jamais.",
    "Chaque session du conseil a sa ligne dans Sessions ; chaque vote a la sienne dans Délibérations.",
    "Demandes de visa, accord de principe et approbation Royale : une ligne chacune dans Visas et accords.",
    "Convention : délibération, visa dans les 20 jours, puis signature. Jumelage : accord de principe, approbation Royale, délibération.",
    "Les colonnes grises sont remplies par le système : ce que vous y écrivez est effacé au contrôle suivant.",
    "La colonne « À corriger » dit quoi corriger et comment ; cliquez pour lire la règle. L'onglet Anomalies les réunit.",
    "Une règle ne peut pas être tenue pour une bonne raison ? Écrivez-la dans Dérogations : elle cessera de bloquer.",
)  # fmt: skip
_EXAMPLE = ("Un exemple, et ce que le système en dit", "Comment y remédier")
_LEGEND = (
    ("⛔ Bloquant", "une obligation n'est pas tenue"),
    ("⚠ À vérifier", "une recommandation n'est pas suivie, ou un point est à confirmer"),
    ("ℹ À savoir", "une simple information"),
    ("？ À compléter", "il manque une donnée pour pouvoir le dire"),
    ("En-tête bleu", "colonne à remplir par le service ; un astérisque (*) : elle est obligatoire"),
    (
        "En-tête gris",
        "en italique, avec la mention « (système) » : colonne remplie par le système, où rien ne se saisit",
    ),
    ("Trait épais", "une section commence ; le bouton [-] au-dessus la replie sur sa première colonne, [+] la rouvre"),
    ("Étape en gras", "acte signé ou en vigueur ; étape barrée : dossier arrêté"),
    ("N° en rouge gras", "dans la colonne A : une échéance de la ligne est dépassée"),
    ("Note d'un en-tête", "laissez la souris sur un en-tête : il dit ce qu'il faut y mettre"),
    (
        "Filtres",
        "la flèche d'un en-tête (avec Google : « Données », « Créer une vue filtrée ») filtre les lignes : « Gravité » dans Anomalies, "
        "« Quand » dans Échéancier, ou votre collectivité",
    ),
)


def help_tab(knowledge: Knowledge, told: Mapping[str, tuple[int, int]]) -> tuple[Mapping[str, int], ShownGrid]:
    """The row of each rule, and the whole tab. told: rule → its findings, and the row of the first among the anomalies."""
    grid: list[Sequence[Shown | None]] = [[Shown("Aide du registre", "cdi_titre")], []]
    grid.append([Shown("La procédure en dix lignes", "cdi_sous_titre")])
    grid += [_sentence(str(n), line) for n, line in enumerate(_PROCEDURE, start=1)]
    grid += [[], [Shown("Légende", "cdi_sous_titre")]]
    grid += [_sentence(mark, meaning) for mark, meaning in _LEGEND]
    grid += [[], [Shown("Que remplir dans chaque onglet", "cdi_sous_titre")]]
    grid.append(
        head(
            "Onglet",
            "Affichage",
            "À quoi il sert",
            "Colonnes obligatoires (*)",
            "Sections, de gauche à droite",
            "Colonnes",
        )
    )
    grid += [_tab_row(tab, knowledge.modules) for tab in knowledge.tabs.values()]
    grid.append(_sentence("", "Un module s'active dans settings.toml : section [registre], clé « modules »."))
    texts = knowledge.help_texts()
    rules = knowledge.rulebook.values()
    rows: dict[str, int] = {}
    for title, how, chosen in (
        ("Les règles vérifiées", "Ce que le système attend", [rule for rule in rules if rule.executable]),
        (
            "Les règles suivies par les personnes",
            "Pourquoi le système ne la vérifie pas",
            [r for r in rules if not r.executable],
        ),
    ):
        grid += [
            [],
            [Shown(title, "cdi_sous_titre")],
            head("Règle", "Gravité", "Ce qu'elle demande", how, *_EXAMPLE, "Textes", "Constats"),
        ]
        for rule in chosen:
            grid.append(_rule_row(rule, texts.examples.get(rule.id), told.get(rule.id)))
            rows[rule.id] = len(grid)
    grid += [
        [],
        [Shown("Les mots de la coopération", "cdi_sous_titre")],
        head("Français", "English", "العربية", "Origine"),
    ]
    grid += [[Shown(term.fr, "cdi_gras"), *text(term.en, term.ar, ORIGINS[term.origine])] for term in texts.glossary]
    return rows, grid


def _sentence(name: str, said: str) -> list[Shown | None]:
    """A line of text, which runs over the columns beside it."""
    return [Shown(name or None, "cdi_gras"), Shown(said, "cdi_phrase")]


def _tab_row(tab: Tab, modules: frozenset[str]) -> list[Shown | None]:
    required = [column.title for column in tab.columns if column.required]
    sections = dict.fromkeys(column.section for column in tab.columns if column.section)
    staff = sum(not column.is_system for column in tab.columns)
    state = "activé" if tab.module in modules else "non activé"
    return [
        Shown(tab.title, "cdi_lien", link=f"{quoted(tab.title)}!A1"),
        *text("toujours" if tab.module == CORE else f"module « {tab.module} », {state}"),
        *text(tab.description, ", ".join(required) or "aucune", " · ".join(sections)),
        *text(f"{staff} à remplir, {len(tab.columns) - staff} du système"),
    ]


def _rule_row(rule: Rule, example: Example | None, told: tuple[int, int] | None) -> list[Shown | None]:
    found = Shown("aucun", "cdi_texte")
    if told:
        found = Shown(
            f"{told[0]} constat{'s' if told[0] > 1 else ''}", "cdi_lien", link=f"{quoted(ANOMALIES)}!A{told[1]}"
        )
    return [
        Shown(rule.id, "cdi_gras"),
        *text(
            MARKS[rule.severity],
            rule.title,
            rule.expected if rule.executable else rule.reason,
            f"{example.situation} : « {example.message} »" if example else "",
            rule.fixes.get("", ""),
            " ; ".join(rule.sources),
        ),
        found if rule.executable else None,
    ]
