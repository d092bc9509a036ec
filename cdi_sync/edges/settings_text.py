"""Changes values of a settings file as a person would: the other lines, and what follows a value, stay as they are."""

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from cdi_sync.errors import ConfigError

_VALUE = re.compile(r"""^(\s*[\w-]+\s*=\s*)("(?:[^"\\]|\\.)*"|'[^']*')(.*)$""")


def with_values(text: str, values: Mapping[tuple[str, str], str]) -> str:
    """The settings with texts set. values: (section, key) → text. Raises ConfigError when that can't be done safely."""
    changed = text
    for (section, key), value in values.items():
        changed = _set(changed, section, key, json.dumps(value, ensure_ascii=False))
    try:
        done = tomllib.loads(changed) == _expected(tomllib.loads(text), values)
    except tomllib.TOMLDecodeError:
        done = False
    if not done:
        wanted = ", ".join(f"[{section}] {key} = {json.dumps(value)}" for (section, key), value in values.items())
        raise ConfigError("Les réglages ne peuvent pas être changés d'eux-mêmes.", where="settings.toml",
                          why="ils sont écrits d'une façon inhabituelle", fix=f"Y mettre à la main : {wanted}.")  # fmt: skip
    return changed


def _expected(held: dict[str, Any], values: Mapping[tuple[str, str], str]) -> Mapping[str, Any]:
    for (section, key), value in values.items():
        held.setdefault(section, {})[key] = value
    return held


def _set(text: str, section: str, key: str, value: str) -> str:
    lines = text.splitlines()
    heads = [number for number, line in enumerate(lines) if re.match(rf"\s*\[{re.escape(section)}\]", line)]
    if not heads:
        return "\n".join([*lines, *([""] if lines else []), f"[{section}]", f"{key} = {value}", ""])
    first = heads[0] + 1
    last = next((n for n in range(first, len(lines)) if re.match(r"\s*\[", lines[n])), len(lines))
    for number in range(first, last):
        if re.match(rf"\s*{re.escape(key)}\s*=", lines[number]) and (held := _VALUE.match(lines[number])):
            lines[number] = f"{held[1]}{value}{held[3]}"
            return "\n".join([*lines, ""])
    return "\n".join([*lines[:first], f"{key} = {value}", *lines[first:], ""])
