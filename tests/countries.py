"""Makes the list of countries that the product ships (`cdi_sync/reference/pays.csv`) from Babel's territories.

`python -m tests.countries` writes it anew; tests/reference/test_countries.py compares it with Babel, so that it can't
drift. The file is shipped because loading Babel's three locales takes longer than reading a whole register.
"""

import csv
import io

from babel import Locale

from cdi_sync.reference.countries import FILE

# not countries: groups, test codes, reserved codes, and what this register counts elsewhere
LEFT_OUT = {
    "AC", "CP", "CQ", "DG", "EA", "EH", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "XK", "ZZ",
}  # fmt: skip
RENAMED = {"PS": "Palestine"}  # as Moroccan administrations call it
ALSO = {
    "AE": ["EAU", "UAE"],
    "CD": ["RDC", "République démocratique du Congo", "RD Congo"],
    "CF": ["Centrafrique", "RCA"],
    "CG": ["République du Congo"],
    "CI": ["Ivory Coast"],
    "CN": ["République populaire de Chine"],
    "CV": ["Cabo Verde"],
    "CZ": ["République tchèque", "Czech Republic"],
    "GB": ["Grande-Bretagne", "UK", "Great Britain", "Angleterre", "England", "Écosse", "بريطانيا"],
    "KR": ["République de Corée"],
    "MK": ["Macédoine"],
    "NL": ["Holland", "Hollande"],
    "PS": ["فلسطين", "État de Palestine"],
    "RU": ["Fédération de Russie"],
    "SZ": ["Swaziland"],
    "TR": ["Turkey", "Türkiye"],
    "US": ["USA", "États-Unis d'Amérique", "Etats Unis d'Amérique", "أمريكا", "الولايات المتحدة الأمريكية"],
}


def text() -> str:
    """The file as it should be: code, French, Arabic and English names, other names separated by "|"."""
    french, arabic, english = (Locale(name).territories for name in ("fr", "ar", "en"))
    codes = sorted(code for code in french if len(code) == 2 and code not in LEFT_OUT)
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["code", "fr", "ar", "en", "autres"])
    for code in codes:
        others = [*([french[code]] if code in RENAMED else []), *ALSO.get(code, [])]
        name = RENAMED.get(code, french[code]).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        lines.writerow([code, name, arabic[code], english[code], "|".join(others)])
    return out.getvalue()


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
