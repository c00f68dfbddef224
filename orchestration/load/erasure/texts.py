"""Finding erased people in texts: their ids, e-mail addresses and phone numbers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Set
from urllib.parse import unquote

from orchestration.load.erasure.pseudonyms import Pseudonyms

# An e-mail address or an id is looked for in stretches of so many words, as anna.abel@example.com
# is one of four.
_MOST_WORDS = 10
_LEAST_CHARACTERS = 4
_LEAST_DIGITS = 7
# Numbers of one line differ in how they begin (+49 170, 0170): they are compared by their ends.
_DIGITS_COMPARED = 9

# In a percent-encoded text, these stand for @ + - . and _, of which addresses and ids consist too.
_ENCODED = r"%(?:40|2[BbDdEe]|5[Ff])"
_SEPARATOR = rf"(?!{_ENCODED})%[0-9A-Fa-f]{{2}}"
_PART = rf"{_ENCODED}|%(?![0-9A-Fa-f]{{2}})|[^\s\"'`&=?/#,;<>(){{}}\[\]|\\%]"
_STRETCH = re.compile(rf"{_SEPARATOR}|((?:{_PART})+)")
_WORD = re.compile(rf"{_ENCODED}|([^\W_]+)")
_EMAIL = re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w.])\+?\(?\d(?:[ ()./-]{0,2}\d){6,}(?!\w)|(?<=%2[Bb])\d{7,}")
_BETWEEN_DIGITS = r"[^0-9]{0,2}"
# Also where it is encoded.
_BETWEEN_WORDS = r"(?:%[0-9a-f]{2}|\\u[0-9a-f]{4}|[^0-9a-z])+"
_JSON_VALUE = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*')


def word_of_id(text: str) -> str | None:
    """What an id is found by in texts; None for one that too many texts have, as 17 or ab."""
    is_long = len(text) >= 6
    is_mixed = len(text) >= _LEAST_CHARACTERS and not (text.isdigit() or text.isalpha())
    return f"id:{text}" if is_long or is_mixed else None


def word_of_email(text: str) -> str:
    """What an e-mail address is found by in texts."""
    return f"email:{text.strip().lower()}"


def word_of_phone(text: str) -> str | None:
    """What a phone number is found by in texts; None where it has too few digits to be one."""
    digits = re.sub(r"\D", "", text)
    return f"phone:{digits[-_DIGITS_COMPARED:]}" if len(digits) >= _LEAST_DIGITS else None


def pattern_of(words: Iterable[str]) -> str | None:
    """A regular expression that matches every text in lower case in which a word is found.

    It may match others too, and is empty without words. None where there can't be one, as a word
    has no ASCII letter or digit.
    """
    patterns = []
    for word in words:
        kind, _, text = word.partition(":")
        parts = list(text) if kind == "phone" else re.findall("[0-9a-z]+", text.lower())
        if not parts:
            return None
        patterns.append((_BETWEEN_DIGITS if kind == "phone" else _BETWEEN_WORDS).join(parts))
    return "|".join(patterns)


class Texts:
    """Texts without the erased people that ``words`` (pseudonyms) tell of."""

    def __init__(self, pseudonyms: Pseudonyms, words: Set[str]) -> None:
        self._pseudonyms = pseudonyms
        self._words = words
        self._known: dict[str, str] = {}

    def plain(self, text: str) -> str:
        """A text with pseudonyms for ids, e-mail addresses and phone numbers."""
        text = _STRETCH.sub(lambda match: self._stretch(match[1]) if match[1] else match[0], text)
        return _PHONE.sub(lambda match: self._phone(match.group()), text)

    def own(self, text: str) -> str:
        """As ``plain``, for a text of an erased person: without any e-mail address."""
        return _EMAIL.sub(lambda match: self._email(unquote(match.group())), self.plain(text))

    def json(self, text: str) -> str:
        """As ``plain``, for the text of a JSON value, which it still is afterwards."""
        return _JSON_VALUE.sub(lambda match: self._json_value(match.group()), text)

    def _json_value(self, value: str) -> str:
        if not value.startswith('"'):
            after = self._phone(value)
            return value if after == value else json.dumps(after)
        try:
            before = json.loads(value)
        except ValueError:
            return value
        after = self.plain(before)
        return value if after == before else json.dumps(after)

    def _stretch(self, stretch: str) -> str:
        if stretch not in self._known:
            if len(self._known) > 500_000:
                self._known.clear()
            self._known[stretch] = self._without_words(stretch)
        return self._known[stretch]

    def _without_words(self, stretch: str) -> str:
        words = [match.span() for match in _WORD.finditer(stretch) if match[1]]
        parts, behind, first = [], 0, 0
        while first < len(words):
            start = words[first][0]
            for last in range(min(first + _MOST_WORDS, len(words)) - 1, first - 1, -1):
                end = words[last][1]
                replacement = self._replacement(stretch[start:end])
                if replacement is not None:
                    parts += [stretch[behind:start], replacement]
                    behind, first = end, last
                    break
            first += 1
        return "".join([*parts, stretch[behind:]])

    def _replacement(self, words: str) -> str | None:
        if len(words) < _LEAST_CHARACTERS:
            return None
        decoded = unquote(words) if "%" in words else words
        if "@" in decoded and self._email(decoded) in self._words:
            return self._email(decoded)
        word = word_of_id(decoded)
        if word is not None and self._pseudonyms.of(word) in self._words:
            return self._pseudonyms.of(decoded)
        return None

    def _phone(self, number: str) -> str:
        word = word_of_phone(number)
        is_known = word is not None and self._pseudonyms.of(word) in self._words
        return self._pseudonyms.of(number) if is_known else number

    def _email(self, address: str) -> str:
        return self._pseudonyms.of(word_of_email(address))
