"""A form as a Google Form: what it must hold, how to bring one that is there to it, and what its answers say. Pure.

Shapes are those of the Forms API (forms.v1: Form, Item, Request, FormResponse). Identifiers come from the names of the form and
of the question, so that neither a new wording nor another order separates answers from their questions. The API checks nothing
of what people type: that is done here, once an answer is in.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any, TypeAlias

from cdi_sync.forms.declaration import Condition, Declared, Question, stable_id
from cdi_sync.forms.references import tab_designated
from cdi_sync.forms.submission import Source, Submission, Typed
from cdi_sync.forms.words import choice_told, choices_of, worded
from cdi_sync.mail.language import Language
from cdi_sync.model import Category, Column
from cdi_sync.reference.countries import countries
from cdi_sync.text import clean, fold, tidy

Json: TypeAlias = dict[str, Any]
Offers: TypeAlias = Mapping[
    str, Sequence[Category]
]  # question's key → rows of the registry (`references.rows_offered`)

MARK = "formulaires google"  # the ledger's: form → language → what is known of its Google Form
_MOST_BUTTONS = 5  # choices shown all at once; more of them are a drop-down list (parametre)
_WIDE = 36  # characters: an answer in a column as wide takes several lines (parametre)
_DESIGNATED = re.compile(r"([A-Z]{2,4}-\d{5,})(?: · .*)?", re.DOTALL)  # as rows are offered
_ONLY_IF = "Question posée seulement si « {question} » vaut : {values}."
# What an answer must look like, which Google can't check; msgids of formulaires.po.
_BETWEEN = "Un nombre de {minimum} à {maximum}."
_EXPECTED = {
    "email": "Une adresse de courriel, comme service@commune.example.",
    "url": "Une adresse qui commence par https://.",
    "integer": "Un nombre entier.",
    "number": "Un nombre.",
}


@dataclass(frozen=True)
class GoogleForm:
    """What a Google Form must hold. items: as forms.v1 Items, in order, each with its identifier."""

    title: str
    description: str
    items: tuple[Json, ...]


@dataclass(frozen=True)
class Difference:
    """What brings a Google Form to what it must be. requests: of batchUpdate, in order; told: each of them, in French.

    strangers: titles of what was added by hand there, which stays; none of it is ever asked for by the registry.
    """

    requests: tuple[Json, ...]
    told: tuple[str, ...]
    strangers: tuple[str, ...]


# ------------------------------------------------------------------------------------------------- what it must hold


def google_form(form: Declared, language: Language, offers: Offers) -> GoogleForm:
    """A form as declared, as it is asked in that language."""
    told = worded(form, language)
    pages = _pages(form)
    items = (item for at in range(len(pages)) for item in _page_items(told, language, offers, pages, at))
    return GoogleForm(_line(told.title), told.intro, tuple(items))


def google_id(*names: str) -> str:
    """The identifier of that name, as Google has them: 31 bits, in eight hexadecimal digits of which the first is no zero."""
    return f"{int(stable_id(*names), 16) & 0x6FFFFFFF | 0x10000000:08x}"


def question_ids(form: Declared) -> Mapping[str, str]:
    """Identifier of a question at Google → its key."""
    return {google_id(form.name, key): key for key in form.questions}


# ------------------------------------------------------------------------------------------------- pages


@dataclass(frozen=True)
class _Page:
    """Questions shown together. keys: of the questions. led: asked only of those whom a choice leads to it."""

    section: int
    keys: tuple[str, ...]
    led: Condition | None = None


def _pages(form: Declared) -> Sequence[_Page]:
    """The pages of a form, in order: its sections, cut where a condition can be held by leading from a choice to a page.

    From a page, one goes to the next one unless a choice leads elsewhere. So a condition holds when its questions follow the
    page of the choice at once; or follow others that hang on the same choice, and concern all those whom these do, and more.
    Other conditions are only told.
    """
    runs: list[_Page] = []
    for number, section in enumerate(form.sections):
        for question in section.questions:
            last = runs[-1] if runs and runs[-1].section == number else None
            if last is not None and last.led == question.when:
                runs[-1] = replace(last, keys=(*last.keys, question.key))
            else:
                runs.append(_Page(number, (question.key,), question.when))
    pages: list[_Page] = []
    for run in runs:
        held = replace(run, led=run.led if _can_lead(form, pages, run.led) else None)
        last = pages[-1] if pages else None
        if last is not None and last.section == held.section and last.led is None and held.led is None:
            pages[-1] = replace(last, keys=(*last.keys, *held.keys))
        else:
            pages.append(held)
    return pages


def _can_lead(form: Declared, before: Sequence[_Page], when: Condition | None) -> bool:
    """Whether a page that comes after these can be reached by its condition alone."""
    if when is None or not before:
        return False
    last = before[-1]
    widens = last.led is not None and last.led.question == when.question and set(last.led.values) <= set(when.values)
    if when.question not in last.keys and not widens:
        return False
    question = form.questions[when.question]
    return bool(question.column.categories) and question.column.type != "list"


def _after(pages: Sequence[_Page], at: int) -> int:
    """The page that comes for those who don't see page `at`: the next one that hangs on nothing they haven't seen."""
    unseen, to = set(pages[at].keys), at + 1
    while to < len(pages) and (led := pages[to].led) is not None and led.question in unseen:
        unseen |= set(pages[to].keys)
        to += 1
    return to


def _page_id(form: Declared, page: _Page) -> str:
    return google_id(form.name, "page", page.keys[0])


def _page_items(form: Declared, language: Language, offers: Offers, pages: Sequence[_Page], at: int) -> Iterator[Json]:
    """The head of a page, and its questions. form: in the language of whoever answers."""
    page, section = pages[at], form.sections[pages[at].section]
    is_first = at == 0 or pages[at - 1].section != page.section
    help_ = [section.help if is_first else "", _only_if(form, page.led, language)]
    if at:
        yield _item(_page_id(form, page), section.title, help_, {"pageBreakItem": {}})
    else:  # no page is turned before the first; of another kind, it has another identifier
        yield _item(google_id(form.name, "text", page.keys[0]), section.title, help_, {"textItem": {}})
    for key in page.keys:
        question = form.questions[key]
        led = at + 1 < len(pages) and (next_ := pages[at + 1].led) is not None and next_.question == key
        ways = _ways(form, pages, at + 1) if led else {}
        yield _question_item(form, question, language, offers, ways, is_held=page.led == question.when)


def _ways(form: Declared, pages: Sequence[_Page], to: int) -> Mapping[str, Json]:
    """Where each choice of the question that page `to` hangs on leads: to the first page that concerns it, or past them all."""
    when = pages[to].led
    assert when is not None
    hanging = list(takewhile(lambda page: page.led is not None and page.led.question == when.question, pages[to:]))
    past = _after(pages, to + len(hanging) - 1)
    elsewhere = {"goToSectionId": _page_id(form, pages[past])} if past < len(pages) else {"goToAction": "SUBMIT_FORM"}
    ways: dict[str, Json] = {}
    for choice in form.questions[when.question].column.categories:
        page = next((page for page in hanging if page.led and choice.value in page.led.values), None)
        ways[choice.value] = {"goToSectionId": _page_id(form, page)} if page else elsewhere
    return ways


def _only_if(form: Declared, when: Condition | None, language: Language) -> str:
    """What tells a condition, "" for none."""
    if when is None:
        return ""
    other = form.questions[when.question]
    values = (choice.label for choice in other.column.categories if choice.value in when.values)
    return language.gettext(_ONLY_IF).format(question=_line(other.title), values=_line(", ".join(values)))


# ------------------------------------------------------------------------------------------------- questions


def _item(id_: str, title: str, help_: Iterable[str], kind: Json) -> Json:
    description = "\n".join(filter(None, map(str.strip, help_)))
    return {"itemId": id_, "title": _line(title), **({"description": description} if description else {}), **kind}


def _question_item(
    form: Declared, question: Question, language: Language, offers: Offers, ways: Mapping[str, Json], *, is_held: bool
) -> Json:
    """is_held: nobody sees it but those whom its condition concerns."""
    asked: Json = {"questionId": google_id(form.name, question.key)}
    if question.required and is_held and _must_be_seen(form, question):
        asked["required"] = True
    asked |= _kind(form, question, language, offers, ways)
    help_ = [question.help, _expected(question.column, language)]
    if not is_held:
        help_.append(_only_if(form, question.when, language))
    id_ = google_id(form.name, "item", question.key)
    return _item(id_, question.title, help_, {"questionItem": {"question": asked}})


def _must_be_seen(form: Declared, question: Question) -> bool:
    """False when one may come to it by leaving the choice that it hangs on unanswered: Google then goes to the next page."""
    return question.when is None or form.questions[question.when.question].required


def _kind(form: Declared, question: Question, language: Language, offers: Offers, ways: Mapping[str, Json]) -> Json:
    """How it is answered."""
    column = question.column
    if rows := offers.get(question.key, ()):
        return _choice("DROP_DOWN", [{"value": _line(row.label)} for row in rows])
    if column.format == "country":
        names = ({"fr": one.fr, "ar": one.ar, "en": one.en}[language.code] for one in countries())
        return _choice("DROP_DOWN", [{"value": name} for name in sorted(names, key=fold)])
    if choices := choices_of(question):
        # Oui and Non are the only choices that `worded` leaves in French
        labels = [choice.label if column.categories else choice_told(choice.label, language) for choice in choices]
        options = [
            {"value": _line(label), **ways.get(choice.value, {})} for label, choice in zip(labels, choices, strict=True)
        ]
        few = "RADIO" if len(choices) <= _MOST_BUTTONS else "DROP_DOWN"
        return _choice("CHECKBOX" if column.type == "list" else few, options)
    if column.type == "date":
        return {"dateQuestion": {"includeYear": True}}
    if column.type == "time":
        return {"timeQuestion": {}}
    is_long = (
        column.type in ("string", "list") and not column.format and (column.width >= _WIDE or bool(question.piece))
    )
    return {"textQuestion": {"paragraph": True} if is_long else {}}


def _choice(type_: str, options: Sequence[Json]) -> Json:
    """A question of choice; Google refuses an option that comes twice."""
    known = {option["value"]: option for option in reversed(options)}
    return {"choiceQuestion": {"type": type_, "options": [known[value] for value in reversed(known)]}}


def _expected(column: Column, language: Language) -> str:
    if column.categories or column.type not in _EXPECTED:
        return ""
    if column.type in ("integer", "number") and column.minimum is not None and column.maximum is not None:
        facts = {"minimum": f"{column.minimum:.15g}", "maximum": f"{column.maximum:.15g}"}
        return language.gettext(_BETWEEN).format(**facts)
    return language.gettext(_EXPECTED[column.type])


def _line(text: str) -> str:
    """On one line: Google refuses any other title and choice."""
    return tidy(text)


# ------------------------------------------------------------------------------------------------- what differs


def difference(wanted: GoogleForm, there: Json, made: Collection[str]) -> Difference:
    """What brings a Google Form to what it must be. there: the Form, as it is; made: identifiers of items that we made.

    Applied, it leaves nothing to do. What we made and is asked no more goes; what others added stays where it was, after what
    it followed. Raises nothing: a form that is empty, or entirely somebody else's, is brought there all the same.
    """
    items = {item["itemId"]: item for item in there.get("items") or ()}
    ids = [item["itemId"] for item in wanted.items]
    titles = {id_: _shown_title(item) for id_, item in items.items()} | {
        i["itemId"]: _shown_title(i) for i in wanted.items
    }
    gone = [id_ for id_ in items if id_ in made and id_ not in ids]
    requests, told = list(_of_info(wanted, there)), []
    told += ["titre et présentation"] * bool(requests)
    order, known = list(items), dict(items)
    for at, id_ in enumerate(_order(ids, list(items))):
        if at < len(order) and order[at] == id_:
            continue
        if id_ in known:
            requests.append(
                {"moveItem": {"originalLocation": {"index": order.index(id_)}, "newLocation": {"index": at}}}
            )
            told.append(f"déplacer {titles[id_]}")
            order.remove(id_)
        else:
            known[id_] = _still(next(item for item in wanted.items if item["itemId"] == id_))
            requests.append({"createItem": {"item": known[id_], "location": {"index": at}}})
            told.append(f"ajouter {titles[id_]}")
        order.insert(at, id_)
    for item in wanted.items:
        if mask := _changed(known[item["itemId"]], item):
            at = order.index(item["itemId"])
            requests.append({"updateItem": {"item": item, "location": {"index": at}, "updateMask": ",".join(mask)}})
            if item["itemId"] in items:
                told.append(f"modifier {titles[item['itemId']]}")
    for id_ in reversed([id_ for id_ in order if id_ in gone]):
        requests.append({"deleteItem": {"location": {"index": order.index(id_)}}})
        told.append(f"retirer {titles[id_]}")
    strangers = tuple(titles[id_] for id_ in items if id_ not in ids and id_ not in gone)
    return Difference(tuple(requests), tuple(told), strangers)


def _order(wanted: Sequence[str], there: Sequence[str]) -> Sequence[str]:
    """Those wanted in their order, the others each after the one that it follows now."""
    known, after = set(wanted), ""
    behind: dict[str, list[str]] = {}
    for id_ in there:
        if id_ in known:
            after = id_
        else:
            behind.setdefault(after, []).append(id_)
    return [*behind.get("", ()), *(each for id_ in wanted for each in (id_, *behind.get(id_, ())))]


def _of_info(wanted: GoogleForm, there: Json) -> Iterator[Json]:
    info = there.get("info") or {}
    if (info.get("title", ""), info.get("description", "")) != (wanted.title, wanted.description):
        told = {"title": wanted.title, "description": wanted.description}
        yield {"updateFormInfo": {"info": told, "updateMask": "title,description"}}


def _still(item: Json) -> Json:
    """The item without what its choices lead to: pages that may not be there yet."""
    question = item.get("questionItem", {}).get("question", {})
    if "choiceQuestion" not in question:
        return item
    choice = question["choiceQuestion"]
    options = [{"value": option["value"]} for option in choice["options"]]
    return {**item, "questionItem": {"question": {**question, "choiceQuestion": {**choice, "options": options}}}}


def _changed(there: Json, wanted: Json) -> Sequence[str]:
    """The fields of an item to update, as a mask has them."""
    fields = [name for name in ("title", "description") if there.get(name, "") != wanted.get(name, "")]
    asked, now = (item.get("questionItem", {}).get("question") for item in (wanted, there))
    return [*fields, *(["questionItem.question"] if asked is not None and _bare(asked) != _bare(now) else [])]


def _bare(value: Any) -> Any:
    """Without what says nothing, which Google leaves out of its answers or spells out."""
    if isinstance(value, dict):
        return {name: _bare(inner) for name, inner in value.items() if inner not in (False, "", None)}
    return [_bare(inner) for inner in value] if isinstance(value, list) else value


def _shown_title(item: Json) -> str:
    what = "la question" if "questionItem" in item or "questionGroupItem" in item else "la page"
    if not ("questionItem" in item or "questionGroupItem" in item or "pageBreakItem" in item):
        what = "le texte"
    return f"{what} « {clean(str(item.get('title', ''))) or 'sans titre'} »"


# ------------------------------------------------------------------------------------------------- answers


def submission_of(form: Declared, lang: str, response: Json, titles: Mapping[str, str]) -> Submission:
    """What a FormResponse says. titles: of questions that the form doesn't declare, by identifier, as far as known.

    A row chosen from a list is told by its number alone. Raises KeyError, ValueError for what isn't a FormResponse.
    """
    keys = question_ids(form)
    values: dict[str, Typed] = {}
    unknown: dict[str, str] = {}
    for id_, answer in (response.get("answers") or {}).items():
        texts = tuple(_texts(answer))
        if not texts:
            continue
        if id_ in keys:
            values[keys[id_]] = _typed(form, form.questions[keys[id_]], texts)
        else:
            unknown[_unused(titles.get(id_) or id_, unknown)] = " ; ".join(texts)
    return Submission(
        Source.GOOGLE, form.name, str(response["responseId"]), _moment(response["createTime"]),
        _moment(response["lastSubmittedTime"]), values, unknown, lang,
    )  # fmt: skip


def asked_there(there: Json) -> Collection[str]:
    """The identifiers of the questions of a Form."""
    items = there.get("items") or ()
    return {item["questionItem"].get("question", {}).get("questionId", "") for item in items if "questionItem" in item}


def unknown_questions(form: Declared, response: Json) -> bool:
    """True when somebody answered a question that the form doesn't declare."""
    return not set(response.get("answers") or ()) <= set(question_ids(form))


def titles_of(there: Json) -> Mapping[str, str]:
    """Title of each question of a Form, by the identifier of the question; rows of a grid by theirs."""
    told: dict[str, str] = {}
    for item in there.get("items") or ():
        title = clean(str(item.get("title", "")))
        if question := item.get("questionItem", {}).get("question"):
            told[question.get("questionId", "")] = title
        for question in item.get("questionGroupItem", {}).get("questions") or ():
            told[question.get("questionId", "")] = (
                f"{title} : {clean(question.get('rowQuestion', {}).get('title', ''))}"
            )
    return {id_: title for id_, title in told.items() if title}


def _texts(answer: Json) -> Iterator[str]:
    """What was answered, and the files that were added, by their addresses."""
    yield from (str(one.get("value", "")) for one in answer.get("textAnswers", {}).get("answers") or ())
    for file in answer.get("fileUploadAnswers", {}).get("answers") or ():
        yield f"{file.get('fileName', '')} (https://drive.google.com/file/d/{file.get('fileId', '')})"


def _typed(form: Declared, question: Question, texts: tuple[str, ...]) -> Typed:
    if tab_designated(question, form) and (named := _DESIGNATED.fullmatch(texts[0])):
        return named[1]
    return texts if len(texts) > 1 else texts[0]


def _unused(title: str, known: Collection[str]) -> str:
    """A title that isn't known yet: two questions may be called the same."""
    number, told = 2, title
    while told in known:
        told, number = f"{title} ({number})", number + 1
    return told


def _moment(text: str) -> datetime:
    """A moment as Google tells it, to the microsecond. Raises ValueError."""
    read = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", text)
    if read is None:
        raise ValueError(text)
    return datetime.fromisoformat(f"{read[1]}.{(read[2] or '')[:6]:0<6}").replace(tzinfo=UTC)
