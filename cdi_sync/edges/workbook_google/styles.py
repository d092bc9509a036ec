"""The named styles of a cell, as Google's formats. One table; the colours are those of the local workbook."""

from collections.abc import Mapping
from typing import Any

INK, BLUE, GREY_HEAD, LINK, RED, PALE_RED = "262B33", "17406D", "C4C9CF", "0B57D0", "9C1C12", "F9D3D0"
DAY, WHOLE = ("DATE", "dd/mm/yyyy"), ("NUMBER", "#,##0")


def colour(code: str) -> Mapping[str, Any]:
    """A colour of six hexadecimal digits, as Google's requests name it."""
    red, green, blue = (int(code[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return {"rgbColor": {"red": red, "green": green, "blue": blue}}


def cell_format(style: str, link: str = "") -> Mapping[str, Any]:
    """The format of a cell of a system tab. link: where it leads, as an address."""
    return _linked(_FORMATS.get(style, _FORMATS["cdi_texte"]), link)


def _linked(format_: Mapping[str, Any], link: str) -> Mapping[str, Any]:
    if not link:
        return format_
    return {**format_, "textFormat": {**format_["textFormat"], "link": {"uri": link}}}


def _format(
    *,
    ink: str = INK,
    bold: bool = False,
    size: int = 10,
    fill: str = "",
    underline: bool = False,
    wrap: bool = True,
    across: str = "",
    number: tuple[str, str] | None = None,
) -> Mapping[str, Any]:
    text = {"fontFamily": "Arial", "fontSize": size, "bold": bold, "underline": underline}
    made: dict[str, Any] = {
        "textFormat": {**text, "foregroundColorStyle": colour(ink)},
        "verticalAlignment": "TOP",
        "wrapStrategy": "WRAP" if wrap else "OVERFLOW_CELL",
    }
    if fill:
        made["backgroundColorStyle"] = colour(fill)
    if across:
        made["horizontalAlignment"] = across
    if number:
        made["numberFormat"] = {"type": number[0], "pattern": number[1]}
    return made


_FORMATS: Mapping[str, Mapping[str, Any]] = {
    "cdi_titre": _format(bold=True, size=14, ink=BLUE, wrap=False),
    "cdi_sous_titre": _format(bold=True, size=11, ink=BLUE, wrap=False),
    "cdi_entete_systeme": _format(bold=True, fill=GREY_HEAD, across="LEFT"),
    "cdi_entete_nombre": _format(bold=True, fill=GREY_HEAD, across="RIGHT"),
    "cdi_texte": _format(),
    "cdi_gras": _format(bold=True),
    "cdi_retard": _format(bold=True, ink=RED, fill=PALE_RED),
    "cdi_nombre": _format(number=WHOLE, across="RIGHT"),
    "cdi_date": _format(number=DAY, across="LEFT"),
    "cdi_phrase": _format(wrap=False),
    "cdi_lien": _format(ink=LINK, underline=True),
}
