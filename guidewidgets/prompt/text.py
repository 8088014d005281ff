"""The letters of the prompt language: where a concept's text ends, quoting, numbers, errors with a caret."""

from __future__ import annotations

import re

# Possessive quantifiers (*+, ++) throughout: nothing is read twice, so hostile input costs linear time.
_UNSIGNED = r"(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?"
_WORD_END = r"(?=[\s{}\"]|\Z)"
_SPACE = re.compile(r"\s*+")
_KEYWORD = re.compile(rf"(AND|OR|NOT){_WORD_END}")
_ESCAPED = re.compile(rf"\\([{{}}@%:\"\\]|(?:AND|OR|NOT){_WORD_END})")
_WEIGHT = re.compile(rf"::\s*+([+-]?{_UNSIGNED})(?=[\s{{}}@%]|\Z)")
# AUTOMATIC1111's form needs the space before and the end of the concept after, or 16:9 would be a weight.
_COLON_WEIGHT = re.compile(rf":([+-]?{_UNSIGNED})(?=\s*+(?:[}}@%]|\Z|(?:AND|OR|NOT){_WORD_END}))")
_STEPS = re.compile(rf"%({_UNSIGNED})-({_UNSIGNED})(?=[\s{{}}@:]|\Z)")
_MODEL = re.compile(r'@model:(?:([\w./#-]++)(?=[\s{}]|\Z)|"((?:[^"\\]++|\\.)*+)")', re.DOTALL)
_BARE_MODEL = re.compile(r"[\w./#-]++\Z")
_REGION_START = re.compile(r"@[A-Za-z_\[{]")
_STEPS_START = re.compile(r"%[\d.]")
_ORDINARY = re.compile(r"[^\s{}\"\\:]++|:(?!:)")
_QUOTED = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_ESCAPED_IN_QUOTES = re.compile(r'\\(["\\])')


class PromptError(ValueError):
    """A prompt that cannot be read.

    Attributes:
        message: what is wrong, in one line.
        line: line of the place, from 1.
        column: column of the place, from 1.
        hint: how to mend it; may be empty.
        text: the line of the prompt, with a caret under the place on a second line; may be empty.
    """

    def __init__(self, message: str, source: str = "", position: int = 0, hint: str = "") -> None:
        before = source[:position]
        start = before.rfind("\n") + 1
        shown = source[start:].partition("\n")[0]
        self.message, self.hint = message, hint
        self.line, self.column = before.count("\n") + 1, position - start + 1
        # A window of a long line, so that the caret stays near what it points at.
        left = max(0, self.column - 60)
        window = shown[left : left + 100].replace("\t", " ")
        self.text = f"{window}\n{' ' * (self.column - 1 - left)}^" if source else ""
        where = f" (line {self.line}, column {self.column})" if source else ""
        parts = [f"{message}{where}", self.text, f"hint: {hint}" if hint else ""]
        super().__init__("\n".join(part for part in parts if part))


class Scanner:
    """Reads one prompt from left to right, each character a bounded number of times."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0

    def error(self, message: str, position: int | None = None, hint: str = "") -> PromptError:
        """The error for a place in this prompt; by default where the scanner stands."""
        return PromptError(message, self.source, self.position if position is None else position, hint)

    def skip_space(self) -> bool:
        """Move past white space; say whether there was any."""
        before = self.position
        found = _SPACE.match(self.source, before)
        self.position = found.end() if found else before
        return self.position > before

    def at_end(self) -> bool:
        """Whether all is read."""
        return self.position >= len(self.source)

    def peek(self, literal: str) -> bool:
        """Whether the literal comes next."""
        return self.source.startswith(literal, self.position)

    def keyword(self) -> str:
        """The operator that comes next, or an empty string."""
        found = _KEYWORD.match(self.source, self.position)
        return found[1] if found else ""

    def weight(self) -> float | None:
        """Take a weight: `::1.2`, or ` :1.2` at the end of a concept; None if none comes next."""
        if self.peek("::"):
            found = _WEIGHT.match(self.source, self.position)
            if found is None:
                raise self.error(
                    "a weight is a number at the end of a concept",
                    hint='to write :: itself, quote it: "a :: b"',
                )
        else:
            spaced = self.source[self.position - 1 : self.position].isspace()
            found = _COLON_WEIGHT.match(self.source, self.position) if spaced else None
            if found is None:
                return None
        value = float(found[1])
        if value in (float("inf"), float("-inf")):
            raise self.error(f"the weight {found[1][:20]} is too large")
        self.position = found.end()
        return value

    def steps(self) -> tuple[float, float]:
        """Take a step range `%0.2-0.8`; the scanner stands at the percent sign."""
        found = _STEPS.match(self.source, self.position)
        if found is None:
            hint = "write %0-0.4 for the first 40 % of the steps, or \\% for the sign itself"
            raise self.error("a step range is two fractions from 0 to 1", hint=hint)
        self.position = found.end()
        return float(found[1]), float(found[2])

    def model(self) -> str:
        """Take a model's name, `@model:id#revision` or in quotation marks; the scanner stands at the sign."""
        found = _MODEL.match(self.source, self.position)
        if found is None:
            hint = 'write @model:id#revision, or @model:"id#revision" where the id has other signs'
            raise self.error("a model's name is missing here", hint=hint)
        self.position = found.end()
        return found[1] if found[2] is None else _ESCAPED_IN_QUOTES.sub(r"\1", found[2])

    def concept(self) -> str:
        """Take the text of one concept: quoted, or everything up to the next operator, brace or mark.

        Empty where one of these comes first.
        """
        start = self.position
        if self.peek('"'):
            text = self._quoted()
            self.skip_space()
            if self.at_end() or self.peek("}") or self.peek("::") or self._at_mark():
                return text
            self.position = start  # quotation marks inside a longer text: they belong to it
        return self._plain()

    def _plain(self) -> str:
        pieces: list[str] = []
        while True:
            word_starts = self.skip_space() or not pieces
            if self.at_end() or self.peek("::") or self.source[self.position] in "{}":
                break
            if word_starts and self._at_mark():
                break
            if word_starts and pieces:
                pieces.append(" ")
            pieces.append(self._piece())
        return "".join(pieces)

    def _piece(self) -> str:
        """One run of text that no mark can begin in."""
        start = self.position
        if self.peek('"'):
            return f'"{self._quoted()}"'
        if self.peek("\\"):
            escaped = _ESCAPED.match(self.source, start)
            self.position = escaped.end() if escaped else start + 1
            return escaped[1] if escaped else "\\"  # \( is left to whoever reads emphasis
        found = _ORDINARY.match(self.source, start)
        self.position = found.end() if found else start + 1
        return self.source[start : self.position]

    def _quoted(self) -> str:
        found = _QUOTED.match(self.source, self.position)
        if found is None:
            raise self.error("this quotation mark is never closed", hint='write \\" for the sign itself')
        self.position = found.end()
        return _ESCAPED_IN_QUOTES.sub(r"\1", found[1])

    def _at_mark(self) -> bool:
        """Whether an operator, region, step range or weight begins here, at the start of a word."""
        marks = (_KEYWORD, _REGION_START, _STEPS_START, _COLON_WEIGHT)
        return any(pattern.match(self.source, self.position) for pattern in marks)


def quoted(text: str) -> str:
    """The concept as the language writes it: bare where that reads back the same, else in quotation marks."""
    if text and "\\" not in text:
        scanner = Scanner(text)
        try:
            if scanner.concept() == text and scanner.at_end():
                return text
        except PromptError:
            pass  # such as a lone quotation mark
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def model_text(name: str) -> str:
    """A model's name as the language writes it."""
    if _BARE_MODEL.match(name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def number(value: float) -> str:
    """The shortest text that reads back as the same number."""
    return repr(value).removesuffix(".0")
