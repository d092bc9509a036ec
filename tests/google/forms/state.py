"""A form: its items, its settings, and the answers given. Identifiers of items and questions are 31-bit numbers in hexadecimal."""

import copy
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = dict[str, Any]

FORM = "application/vnd.google-apps.form"
_ID = re.compile(r"[0-7][0-9a-f]{7}")


@dataclass
class Form:
    """One form. answers: by identifier of the response, as the method `responses.get` tells them, without formId."""

    id: str
    title: str
    document_title: str
    description: str = ""
    settings: Json = field(default_factory=lambda: {"emailCollectionType": "DO_NOT_COLLECT"})
    items: list[Json] = field(default_factory=list)
    revision: int = 1
    is_published: bool = False
    accepts: bool = False
    answers: dict[str, Json] = field(default_factory=dict)

    @property
    def revision_id(self) -> str:
        return f"{self.revision:08x}"

    def draft(self) -> "Form":
        """A copy whose items can be changed without changing these."""
        return Form(
            self.id, self.title, self.document_title, self.description, copy.deepcopy(self.settings),
            copy.deepcopy(self.items), self.revision, self.is_published, self.accepts, self.answers,
        )  # fmt: skip

    def used_ids(self) -> set[str]:
        """The identifiers of its items and of their questions."""
        return {item["itemId"] for item in self.items} | {
            question["questionId"] for item in self.items for question in questions_of(item)
        }

    def sections(self) -> set[str]:
        """The identifiers of the items that begin a page."""
        return {item["itemId"] for item in self.items if "pageBreakItem" in item}

    def new_id(self) -> str:
        """An identifier that nothing in it has."""
        used, at = self.used_ids(), len(self.items)
        while (made := _hexadecimal(f"{self.id}|{self.revision}|{at}")) in used:
            at += 1
        return made

    def resource(self) -> Json:
        """The Form, as the API tells it."""
        told: Json = {"formId": self.id, "info": {"title": self.title, "documentTitle": self.document_title}}
        if self.description:
            told["info"]["description"] = self.description
        told |= {"settings": copy.deepcopy(self.settings), "revisionId": self.revision_id,
                 "responderUri": self.responder_uri, "publishSettings": self.publish_settings()}  # fmt: skip
        if self.items:
            told["items"] = copy.deepcopy(self.items)
        return told

    @property
    def responder_uri(self) -> str:
        """Where people fill it in."""
        return f"https://docs.google.com/forms/d/e/1FAIpQLS{_hexadecimal(self.id)}/viewform"

    def publish_settings(self) -> Json:
        """What is false is told, as `setPublishSettings` takes it."""
        return {"publishState": {"isPublished": self.is_published, "isAcceptingResponses": self.accepts}}


def questions_of(item: Json) -> Iterator[Json]:
    """The questions of an item, as they are stored."""
    if "questionItem" in item:
        yield item["questionItem"]["question"]


def is_id(text: str) -> bool:
    """Whether an identifier is one that an item or a question may have."""
    return _ID.fullmatch(text) is not None


def told_time(moment: datetime) -> str:
    """A moment as Forms tells it: "2026-11-26T10:00:00.123456Z"."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _hexadecimal(text: str) -> str:
    return f"{int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) & 0x7FFFFFFF:08x}"
