"""What a spreadsheet's language and hour make of what people type, and whether a registry can live with it. Pure.

Google reads a typed text by the language of the spreadsheet, whoever types: "03/04/2026" is the 4th of March where months
come first, and nothing shows it. Languages that read days, months and decimals as French does are as good as French.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale

# Google offers no French of Morocco; days, months and decimals are read alike in France
LOCALE, TIME_ZONE = "fr_FR", "Africa/Casablanca"
_SAME_HOUR = (TIME_ZONE, "Africa/El_Aaiun")
_MENU = "Dans la feuille : « Fichier », « Paramètres »,"


@dataclass(frozen=True)
class Misread:
    """What is read otherwise than people mean it, and what to do about it."""

    detail: str
    fix: str

    def __str__(self) -> str:
        return f"{self.detail} {self.fix}"


def misread(locale: str, time_zone: str) -> Iterator[Misread]:
    """What is wrong with the settings of a spreadsheet, the worst first. locale: "en_US"; time_zone: "Europe/Paris"."""
    if wrong := _of_language(locale):
        yield Misread(wrong, f"{_MENU} « Paramètres régionaux », choisir « France », puis revoir les dates et les nombres "
                      "saisis depuis que ce réglage a changé : ceux qui ont été mal lus le restent.")  # fmt: skip
    if time_zone not in _SAME_HOUR:
        yield Misread(
            f"La feuille de calcul est à l'heure de {time_zone or 'nulle part'}, et non du Maroc : une formule =AUJOURDHUI() "
            "peut y donner la veille ou le lendemain pendant une partie de la journée.",
            f"{_MENU} « Fuseau horaire », choisir « Casablanca ».",
        )  # fmt: skip


def called(locale: str) -> str:
    """A language as people call it: "français (France)"; its code when nobody knows it."""
    found = _babel(locale)
    return str(found.get_display_name("fr") or locale) if found else locale or "inconnue"


def _of_language(locale: str) -> str:
    """What goes wrong in a language, "" for nothing."""
    if locale == LOCALE:
        return ""
    found = _babel(locale)
    begins = f"La langue de la feuille de calcul est « {called(locale)} » :"
    if found is None:
        return f"{begins} on ne sait pas comment les dates tapées y sont lues (« 03/04/2026 » : 3 avril, ou 4 mars ?)."
    from babel.numbers import get_decimal_symbol

    faults = []
    order = [letter for letter in str(found.date_formats["short"].pattern) if letter in "dMy"]
    if order[0] == "M":
        faults.append("DANGER, une date tapée « 03/04/2026 » y est enregistrée comme le 4 mars au lieu du 3 avril, sans que "
                      "rien ne le montre, et « 25/04/2026 » y reste un texte")  # fmt: skip
    elif order[0] == "y":
        faults.append("DANGER, les dates s'y écrivent année d'abord ; « 03/04/2026 » peut y être lu comme le 4 mars, ou rester "
                      "un texte")  # fmt: skip
    if get_decimal_symbol(found) != ",":
        faults.append("« 12,5 » n'y est pas un nombre, et « 1,250 » y vaut 1250")
    return f"{begins} {' ; '.join(faults)}." if faults else ""


def _babel(locale: str) -> "Locale | None":
    from babel import Locale, UnknownLocaleError  # only for a language that isn't the wanted one

    try:
        return Locale.parse(locale)
    except (UnknownLocaleError, ValueError, TypeError):
        return None
