"""Numbers shown by a pattern of 0, #, ?, separators, percent, exponent and fractions, or with no pattern at all."""

import re
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from tests.google.sheets.locales import Conventions
from tests.google.sheets.pattern_tokens import Section, Token

SIGNIFICANT = 10  # digits that the automatic format shows of a number with decimals
LONGEST_WHOLE = Decimal(10) ** 15  # from here on the automatic format uses an exponent
SMALLEST_PLAIN = Decimal(10) ** -9  # below, too
_WIDE = Context(prec=400, rounding=ROUND_HALF_UP)


def automatic(value: float, ways: Conventions) -> str:
    """A number under the automatic format: as short as it goes, ten significant digits at most unless it is whole."""
    number = Decimal(repr(float(value)))
    if number == 0:
        return "0"
    size = abs(number)
    if number == number.to_integral_value() and size < LONGEST_WHOLE:
        return f"{number:.0f}"
    number = Context(prec=SIGNIFICANT, rounding=ROUND_HALF_UP).plus(number)
    if SMALLEST_PLAIN <= size < LONGEST_WHOLE:
        if number.adjusted() >= SIGNIFICANT:  # all its digits stand before the point
            number = _WIDE.quantize(Decimal(repr(float(value))), Decimal(1))
        text = f"{number:f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ways.decimal)
    figure, _, exponent = f"{number:E}".partition("E")
    figure = figure.rstrip("0").rstrip(".") if "." in figure else figure
    return f"{figure.replace('.', ways.decimal)}E{exponent[0]}{exponent[1:].zfill(2)}"


def shown(value: float, section: Section, ways: Conventions) -> str:
    """A number, its sign left out, under one section of a pattern."""
    tokens = section.tokens
    number = abs(Decimal(repr(float(value)))) * Decimal(100) ** sum(token.kind == "percent" for token in tokens)
    slash = _slash(tokens)
    if slash is not None:
        return _with_fraction(number, tokens, slash, ways)
    last = _last_digit(tokens)
    commas = _scaling(tokens, last)
    number = number.scaleb(-3 * len(commas), _WIDE)
    kept = [token for at, token in enumerate(tokens) if at not in commas]
    exponent = next((at for at, token in enumerate(kept) if token.kind == "exponent"), None)
    if exponent is not None:
        number, kept[exponent] = _scientific(number, kept, kept[exponent].text)
    return "".join(_filled(number, kept, ways))


def _last_digit(tokens: Sequence[Token]) -> int:
    """The place of the last digit of the whole part, -1 when there is none."""
    point = next((at for at, token in enumerate(tokens) if token.kind == "point"), len(tokens))
    return max((at for at, token in enumerate(tokens[:point]) if token.kind == "digit"), default=-1)


def _scaling(tokens: Sequence[Token], last: int) -> set[int]:
    """The places of the commas that follow the last digit, of the whole part or of all: each one divides by 1,000."""
    places = set()
    ends = {last, max((at for at, token in enumerate(tokens) if token.kind == "digit"), default=-1)} - {-1}
    for end in ends:
        at = end + 1
        while at < len(tokens) and tokens[at].kind == "comma":
            places.add(at)
            at += 1
    return places


def _scientific(number: Decimal, tokens: Sequence[Token], text: str) -> tuple[Decimal, Token]:
    """The number between 1 and 10 (or with as many digits as stand before the point), and its exponent's text."""
    digits, decimals = _counts(tokens)
    power = 0
    if number:
        step = max(digits, 1)
        power = number.adjusted() // step * step if step > 1 else number.adjusted()
        if _WIDE.quantize(number.scaleb(-power, _WIDE), Decimal(1).scaleb(-decimals)) >= Decimal(10) ** step:
            power += step
        number = number.scaleb(-power, _WIDE)
    sign = "-" if power < 0 else "+" if text[1] == "+" else ""
    least = sum(mark == "0" for mark in text[2:])
    return number, Token("literal", text[0] + sign + str(abs(power)).zfill(least))


def _counts(tokens: Sequence[Token]) -> tuple[int, int]:
    """How many digits the pattern has before the point and after it."""
    point = next((at for at, token in enumerate(tokens) if token.kind == "point"), len(tokens))
    return sum(t.kind == "digit" for t in tokens[:point]), sum(t.kind == "digit" for t in tokens[point:])


def _filled(number: Decimal, tokens: Sequence[Token], ways: Conventions) -> list[str]:
    """The text of each token, the digits of a number in place of theirs."""
    wholes, decimals = _counts(tokens)
    rounded = _WIDE.quantize(number, Decimal(1).scaleb(-decimals))
    whole, _, decimal = f"{rounded:f}".partition(".")
    point = next((at for at, token in enumerate(tokens) if token.kind == "point"), len(tokens))
    head = _whole_part(whole.lstrip("0"), tokens[:point], ways)
    tail: list[str] = []
    left = decimal
    for token in tokens[point:]:
        if token.kind == "digit":
            blank = {"#": "", "?": " "}.get(token.text)
            tail.append(left[0] if left.strip("0") or blank is None else blank)
            left = left[1:]
        elif token.kind == "point":
            is_first = not tail
            tail.append(ways.decimal if is_first and (wholes or decimals) else ".")
        else:
            tail.append(token.text)
    if wholes == 0 and decimals and whole != "0":
        head.append(whole)
    return head + tail


def _whole_part(digits: str, tokens: Sequence[Token], ways: Conventions) -> list[str]:
    """The digits put into the tokens before the point, from the right; the leftmost one takes all that remain."""
    places = [at for at, token in enumerate(tokens) if token.kind == "digit"]
    first, last = (places[0], places[-1]) if places else (-1, -1)
    commas = [at for at, token in enumerate(tokens) if token.kind == "comma" and first < at < last]
    groups = _group_sizes(tokens, commas)
    texts: list[str] = []
    count = 0
    for at in range(len(tokens) - 1, -1, -1):
        token = tokens[at]
        if at in commas:
            continue
        if token.kind != "digit":
            texts.append(token.text)
            continue
        taken = list(reversed(digits)) if at == first else list(digits[-1:])
        digits = "" if at == first else digits[:-1]
        for figure in taken or [{"0": "0", "?": " "}.get(token.text, "")]:
            if figure:
                if commas and figure != " " and _starts_group(count, groups):
                    texts.append(ways.group)
                texts.append(figure)
                count += 1
    return texts[::-1]


def _group_sizes(tokens: Sequence[Token], commas: Sequence[int]) -> tuple[int, int]:
    """Digits in the last group, and in those before it: "#,##,##0" makes groups of two before the thousands."""
    if len(commas) < 2:
        return 3, 3
    between = sum(token.kind == "digit" for token in tokens[commas[-2] : commas[-1]])
    return 3, between or 3


def _starts_group(count: int, groups: tuple[int, int]) -> bool:
    """True when a separator stands to the right of the digit that comes after so many."""
    last, others = groups
    return count >= last and (count - last) % others == 0


def _slash(tokens: Sequence[Token]) -> int | None:
    """The place of the "/" of a fraction: digits before it, digits or a number after."""
    for at, token in enumerate(tokens[1:-1], 1):
        after = tokens[at + 1]
        if token.kind == "slash" and tokens[at - 1].kind == "digit" and (after.kind == "digit" or after.text.isdigit()):
            return at
    return None


def _with_fraction(number: Decimal, tokens: Sequence[Token], slash: int, ways: Conventions) -> str:
    """A number with a fraction, "3 1/4", or as a fraction alone where no digit stands apart before it."""
    start = slash
    while start and tokens[start - 1].kind == "digit":
        start -= 1
    end = slash + 1
    while end < len(tokens) and (tokens[end].kind == "digit" or tokens[end].text.isdigit()):
        end += 1
    has_whole = any(token.kind == "digit" for token in tokens[:start])
    whole = number.to_integral_value("ROUND_FLOOR") if has_whole else Decimal(0)
    top, bottom = _fraction(number - whole, tokens[slash + 1 : end])
    if has_whole and top == bottom:
        whole, top = whole + 1, 0
    before = "".join(_filled(whole, tokens[:start], ways)) if has_whole else "".join(t.text for t in tokens[:start])
    after = "".join(token.text for token in tokens[end:])
    marks = "".join(token.text for token in tokens[start:slash]), "".join(t.text for t in tokens[slash + 1 : end])
    if has_whole and top == 0:
        return before + " " * sum(map(len, marks), 1) * ("?" in marks[0]) + after
    above, below = str(top), str(bottom)
    if "?" in marks[0]:
        above = above.rjust(len(marks[0]))
    if "?" in marks[1]:
        below = below.ljust(len(marks[1]))
    return f"{before}{above}/{below}{after}"


def _fraction(part: Decimal, tokens: Sequence[Token]) -> tuple[int, int]:
    """The nearest fraction: over the denominator that is written, or over one of no more digits than stand there."""
    written = "".join(token.text for token in tokens)
    if re.fullmatch(r"\d*[1-9]\d*", written):
        bottom = int(written)
        return int(_WIDE.quantize(part * bottom, Decimal(1))), bottom
    whole = int(part)
    nearest = _nearest(part - whole, 10 ** len(written) - 1)
    return nearest[0] + whole * nearest[1], nearest[1]


def _nearest(part: Decimal, largest: int) -> tuple[int, int]:
    nearest = Fraction(part).limit_denominator(largest)
    return nearest.numerator, nearest.denominator
