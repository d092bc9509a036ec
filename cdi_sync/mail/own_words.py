"""What the sender of a message wrote: the first lines of its text, without what is quoted, signatures and the rest. Pure.

Whatever was written by others may be made to trip its reader: parts are cut before they are decoded, each step costs a
time that grows with the text, and what can't be read counts as empty.
(mail-parser-reply and email-reply-parser were tried on the letters of the tests: neither knows Arabic, a folded « a écrit : »
nor a signature of RFC 3676, and the former's expressions take a minute on 20 kB made to trip them.)
"""

import re
from collections.abc import Iterator, Sequence
from email.errors import MessageError
from email.message import EmailMessage, Message
from html.parser import HTMLParser
from itertools import islice

from cdi_sync.mail.words import Words
from cdi_sync.text import clean, fold

LINES_READ = 12  # lines that hold something
_TEXT_BYTES, _PAGE_BYTES = 50_000, 200_000  # pages carry their styles first
_LINE_LENGTH = 300  # characters: longer, it is no instruction
TRIPS = (LookupError, ValueError, AttributeError, TypeError, AssertionError, RecursionError, MessageError)
# where mail readers put the letter that is answered, and signatures; all that follows the last kind is quoted
_NOT_READ = frozenset({"blockquote", "style", "script", "head", "title", "select", "textarea"})
_QUOTES = frozenset({"gmail_quote", "gmail_signature", "moz-cite-prefix", "moz-signature", "yahoo_quoted"})
_QUOTED_FROM_HERE = frozenset({"divRplyFwdMsg", "appendonsend", "mail-editor-reference-message-container"})
_BLOCKS = frozenset({"p", "div", "pre", "tr", "td", "li", "h1", "h2", "h3", "table", "ul", "ol"})
_REPLIED = re.compile(r"(re|rép|rep|ref|fw|fwd|tr|aw|رد|ردّ|إعادة توجيه) ?: ?", re.IGNORECASE)
_RULE = re.compile(r"[-_=*]{5,}")


def lines_of(message: EmailMessage, words: Words) -> tuple[str, ...]:
    """The first lines that its sender wrote, clean, at most LINES_READ."""
    return tuple(islice(_own(_text(message).splitlines(), words), LINES_READ))


def subject_of(message: EmailMessage) -> str:
    """The subject that its sender wrote; "" when it is that of the message answered."""
    try:
        subject = clean(str(message.get("Subject", ""))[:_LINE_LENGTH])
    except TRIPS:
        return ""
    return "" if _REPLIED.match(subject) else subject


# ------------------------------------------------------------------------------------------------- parts and bytes


def _text(message: EmailMessage) -> str:
    """Its plain text, else the text of its page; attachments are never read."""
    try:
        plain = message.get_body(("plain",))
        if plain is not None and (text := _decoded(plain, _TEXT_BYTES)).strip():
            return text
        page = message.get_body(("html",))
        return _text_of_page(_decoded(page, _PAGE_BYTES)) if page is not None else ""
    except TRIPS:
        return ""


def _decoded(part: Message, most: int) -> str:
    content = part.get_payload(decode=True)
    raw = content[:most] if isinstance(content, bytes) else b""
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            # only true encodings of characters: others make bytes of anything, or read escapes
            if not re.fullmatch(
                r"(utf|us-ascii|ascii|iso|cp|windows|latin|koi8|mac|big5|gb|euc|shift)[\w:.-]*", charset, re.IGNORECASE
            ):
                continue
            text = raw.decode(charset, errors="strict" if charset == "utf-8" and len(raw) < most else "replace")
        except (LookupError, UnicodeError):
            continue
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return raw.decode("cp1252", errors="replace")


def _text_of_page(page: str) -> str:
    reader = _Page()
    reader.feed(page)
    return "".join(reader.texts)


class _Page(HTMLParser):
    """The text of a page, a line for each block, without what mail readers mark as quoted; in one pass."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._skipped, self._depth = "", 0  # the element that isn't read, and how many of its kind are open in it
        self._is_over = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipped:
            self._depth += tag == self._skipped
            return
        named = {name: value or "" for name, value in attrs}
        self._is_over = self._is_over or named.get("id", "") in _QUOTED_FROM_HERE
        if tag in _NOT_READ or (tag in _BLOCKS and set(named.get("class", "").split()) & _QUOTES):
            self._skipped, self._depth = tag, 1
        if tag == "br" or tag in _BLOCKS:
            self.texts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._skipped:
            self._depth -= tag == self._skipped
            self._skipped = self._skipped if self._depth else ""
        elif tag in _BLOCKS:
            self.texts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._skipped and not self._is_over:
            self.texts.append(re.sub(r"\s+", " ", data))


# ------------------------------------------------------------------------------------------------ lines and quotes


def _own(lines: Sequence[str], words: Words) -> Iterator[str]:
    """The lines before what is quoted; those between the pieces of a quotation too."""
    for index, line in enumerate(lines):
        if line.lstrip().startswith((">", "|")) or not (kept := clean(line[:_LINE_LENGTH])):
            continue
        if _ends(line, kept, lines[index + 1 :][:3], words):
            return
        yield kept


def _ends(line: str, kept: str, after: Sequence[str], words: Words) -> bool:
    """True when what follows isn't the sender's: a signature, or the message answered without its « > »."""
    if line.rstrip("\r\n") in ("-- ", "--") or _RULE.match(kept):
        return True
    folded = fold(kept.strip("-_* "))
    if folded.startswith(words.cuts) or (words.is_header(folded) and any(words.is_header(fold(x)) for x in after[:2])):
        return True
    after_it = after[0] if after else ""
    is_folded = not words.is_author(fold(clean(after_it))) and words.is_author(fold(clean(f"{kept} {after_it}")))
    return (words.is_author(folded) or is_folded) and not any(x.lstrip().startswith(">") for x in after)
