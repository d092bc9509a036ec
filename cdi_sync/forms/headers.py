"""The headers of answers laid in columns (a responses tab, an export): which form they are of, and which question each asks.

Google's headers are the titles of questions, in the language of the form; those of ODK and Kobo are the questions' names, with
or without their group. Two columns may bear one title: Google keeps the column of a question that was made again. Pure.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cdi_sync.forms.declaration import Declared
from cdi_sync.forms.naming import ADDRESS
from cdi_sync.forms.xlsform import LANGUAGE
from cdi_sync.mail.language import Language
from cdi_sync.text import fold

_MOMENTS = (
    "horodateur",
    "horodatage",
    "timestamp",
    "طابع زمني",
    "الطابع الزمني",
    "_submission_time",
    "submissiondate",
    "end",
)
_NAMES = ("_uuid", "meta/rootuuid", "meta-rootuuid", "key", "meta/instanceid", "meta-instanceid", "instanceid")
_OF_ODK = re.compile(
    r"_.*|__.*__|(.*/)?meta[/-].*|start|end|today|deviceid|username|simserial|subscriberid|phonenumber|key|instanceid|"
    r"instancename|submissiondate|submitterid|submittername|attachments(present|expected)|status|reviewstate|edits|"
    r"formversion|parent_key"
)
_PARTS = re.compile(r"\s*[/|\n—–]\s*")
_NOT_A_NAME = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True)
class Headers:
    """Columns count from 0. asked: column → key of its question; others: column → header that no question has.

    moment: the column that says when; response: the one that holds the source's own name of the answer; spoken: the one that
    tells the language, of which `langs` are possible, `lang` being that of the headers; None without.
    """

    form: Declared
    lang: str
    asked: Mapping[int, str]
    others: Mapping[int, str] = field(default_factory=dict)
    moment: int | None = None
    response: int | None = None
    spoken: int | None = None
    langs: frozenset[str] = frozenset()


def recognise(
    headers: Sequence[str], forms: Mapping[str, Declared], languages: Mapping[str, Language]
) -> Headers | None:
    """The form that the headers are of; None when they are of none, or of several.

    A form is recognised by the question that asks for an address, and by half of those that must be answered.
    """
    found = [
        (len(set(asked.values())), form, code, asked)
        for form in forms.values()
        for code, language in languages.items()
        if _is_enough(asked := _asked(headers, form, language), form)
    ]
    if not found:
        return None
    most = max(count for count, *_ in found)
    best = [(form, code, asked) for count, form, code, asked in found if count == most]
    if len({form.name for form, _, _ in best}) > 1:
        return None
    form, code, asked = best[0]
    return _with_others(headers, form, code, asked, frozenset(languages))


def _is_enough(asked: Mapping[int, str], form: Declared) -> bool:
    keys = set(asked.values())
    required = [key for key, question in form.questions.items() if question.required]
    return ADDRESS in keys and 2 * sum(key in keys for key in required) >= len(required)


def _asked(headers: Sequence[str], form: Declared, language: Language) -> dict[int, str]:
    by_title: dict[str, list[str]] = defaultdict(list)
    for key, question in form.questions.items():
        by_title[_title(language.gettext(question.title))].append(key)
    by_name = {name: key for key in form.questions for name in _names_of(form, key)}
    columns: dict[str, list[int]] = defaultdict(list)
    asked: dict[int, str] = {}
    for index, header in enumerate(headers):
        title = next((text for text in _candidates(header) if text in by_title), None)
        if title is not None:
            columns[title].append(index)
        elif (name := _name_in(header)) in by_name:
            asked[index] = by_name[name]
    for title, places in columns.items():
        keys = by_title[title]
        if len(keys) == 1:
            asked |= dict.fromkeys(places, keys[0])
        elif len(keys) == len(places):  # questions of one title, in their order
            asked |= dict(zip(places, keys, strict=True))
    return asked


def _name_in(header: str) -> str:
    """The name of a question without its groups, "" for Kobo's own columns: its « _id » isn't the question « id »."""
    name = re.split("[/-]", header.casefold())[-1].strip()
    return "" if name.startswith("_") else _NOT_A_NAME.sub("_", name).strip("_")


def _candidates(header: str) -> Iterator[str]:
    """What of a header may be the title: the whole, or a part of one in two languages or under its group."""
    yield _title(header)
    yield from map(_title, _PARTS.split(header))


def _title(text: str) -> str:
    return fold(text).removesuffix("*").strip()


def _names_of(form: Declared, key: str) -> Iterator[str]:
    """How a question may be called where names are letters, digits and underscores."""
    yield _NOT_A_NAME.sub("_", key.casefold()).strip("_")
    yield from (f"{before}{form.id_of(key)}" for before in ("", "q", "q_"))


def _with_others(
    headers: Sequence[str], form: Declared, lang: str, asked: Mapping[int, str], langs: frozenset[str]
) -> Headers:
    folded = {index: fold(header) for index, header in enumerate(headers) if index not in asked}
    response = _first(folded, _NAMES)
    moment = _first(folded, _MOMENTS)
    spoken = _first(folded, (LANGUAGE,))
    rest = {
        index: headers[index]
        for index, text in folded.items()
        if index not in (moment, response, spoken) and not (response is not None and _OF_ODK.fullmatch(text))
    }
    return Headers(form, lang, asked, _numbered(rest), moment, response, spoken, langs)


def _first(folded: Mapping[int, str], wanted: Sequence[str]) -> int | None:
    """The column of the first of those names that is there."""
    return next((index for name in wanted for index, text in folded.items() if text == fold(name)), None)


def _numbered(headers: Mapping[int, str]) -> Mapping[int, str]:
    """Each header once: « Remarque », « Remarque (2) ». A column without one is called by its place."""
    count: Counter[str] = Counter()
    told = {}
    for index, header in headers.items():
        name = " ".join(header.split()) or f"Colonne {index + 1}"
        count[name] += 1
        told[index] = name if count[name] == 1 else f"{name} ({count[name]})"
    return told
