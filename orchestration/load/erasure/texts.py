"""Finding erased people in texts: their ids, e-mail addresses and phone numbers."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Set
from urllib.parse import unquote

from orchestration.load.erasure.pseudonyms import Pseudonyms

# An e-mail address or an id is looked for in stretches of so many words, as anna.abel@example.com
# is one of four.
_MOST_WORDS = 10
_LEAST_CHARACTERS = 4
_LEAST_OF_A_PART = 16
_LEAST_DIGITS = 7
# Numbers of one line differ in how they begin (+49 170, 0170): they are compared by their ends.
_DIGITS_COMPARED = 9
# Networks are given addresses as one of these.
_HASHES = ("md5", "sha256")

# How a text is percent-encoded, be it within a text that is, too.
_PERCENT, _HEX = "%(?:25)*", "[0-9A-Fa-f]"
# These stand for @ + - . and _, of which addresses and ids consist too,
_ENCODED = rf"{_PERCENT}(?:40|2[BbDdEe]|5[Ff])"
# and this for a part of a letter that isn't of ASCII.
_LETTER = rf"{_PERCENT}[89A-Fa-f]{_HEX}"
_SEPARATOR = rf"(?!{_ENCODED}|{_LETTER}){_PERCENT}{_HEX}{{2}}"
_PART = rf"{_ENCODED}|{_LETTER}|%(?!{_HEX}{{2}})|[^\s\"'`&=?/#,;<>(){{}}\[\]|\\%]"
_STRETCH = re.compile(rf"{_SEPARATOR}|((?:{_PART})+)")
_WORD = re.compile(rf"{_ENCODED}|((?:[^\W_]+|{_LETTER})+)")
# Campaigns are told by utm values, which may be the address of who sends.
_EMAIL = re.compile(
    r"(?P<kept>[?&#;]utm_\w+=[^&#;\s]*)"
    rf"|(?:[\w.+-]|{_PERCENT}(?:2[BbDdEe]|5[Ff])|{_LETTER})+(?:@|{_PERCENT}40)[\w-]+(?:\.[\w-]+)+"
)
# A parameter that says what it holds, as in orchestration/publish/personal.py.
_NAMED = re.compile(
    r"([?&#;](?:e-?mail|mail|phone|telephone|tel|mobile|cell|first_?name|last_?name|full_?name"
    r"|surname)(?:_?(?:address|number))?=)(?!erased-)([^&#;\s]+)",
    re.IGNORECASE,
)
# Between the digits of a number: also a blank, bracket, slash or sign that is encoded.
_GAP = (
    r"(?:[ ()./+_\u00a0\u2010-\u2015\u202f-]"
    rf"|{_PERCENT}(?:2[0189BDEFbdef]|5[Ff])|{_PERCENT}[Cc]2{_PERCENT}[Aa]0)"
)
_DIGIT = re.compile(rf"{_GAP}|(\d)")
_PHONE = re.compile(
    rf"(?:(?<![^\W_])(?<!%)(?<!\d\.)|(?<=%{_HEX}{{2}})|(?<=%25{_HEX}{{2}}))"
    rf"\+?\(?\d(?:{_GAP}{{0,4}}\d){{6,}}(?![^\W_])"
)
# In lower case; also where it is encoded.
_BETWEEN = r"%(?:25)*[0-9a-f]{2}|\\u[0-9a-f]{4}"
_BETWEEN_DIGITS = rf"(?:{_BETWEEN}|[^0-9])*"
_BETWEEN_WORDS = rf"(?:{_BETWEEN}|[^0-9a-z])+"
_NUMBER = r"-?\d[\d.eE+-]*"
_JSON_VALUE = rf'"(?:[^"\\]|\\.)*"|{_NUMBER}'


def word_of_id(text: str) -> str | None:
    """What an id is found by in texts; None for one that too many texts have, as 17 or ab.

    Of an id that texts don't have in one stretch, as auth0|5f7c8ec7c33c6c004bbafe82, a part that is
    long enough to be no one else's.
    """
    stretches = _stretches_of(text)
    if len(stretches) == 1:
        return _word(stretches[0])
    parts = [part for part in stretches if len(part) >= _LEAST_OF_A_PART and re.search(r"\d", part)]
    return _word(max(parts, key=len, default=""))


def _word(text: str) -> str | None:
    is_long = len(text) >= 6
    is_mixed = len(text) >= _LEAST_CHARACTERS and not (text.isdigit() or text.isalpha())
    return f"id:{text}" if is_long or is_mixed else None


def _stretches_of(text: str) -> list[str]:
    """The stretches of a text from their first to their last word, as texts are searched."""
    found = []
    for stretch in (match[1] for match in _STRETCH.finditer(text) if match[1]):
        words = [match.span() for match in _WORD.finditer(stretch) if match[1]][-_MOST_WORDS:]
        if words:
            found.append(stretch[words[0][0] : words[-1][1]])
    return found


def words_of_email(text: str) -> set[str]:
    """What the e-mail addresses of a contact are found by in texts: themselves and their hashes."""
    found = set()
    for address in re.split(r"[\s,;<>\"]+", text.lower()):
        if "@" in address:
            found |= {word_of_email(part) for part in _stretches_of(address) if "@" in part}
            content = address.encode("utf-8", "surrogatepass")
            found |= {f"id:{hashlib.new(name, content).hexdigest()}" for name in _HASHES}
    return found


def word_of_email(text: str) -> str:
    """What an e-mail address is found by in texts."""
    return f"email:{text.strip().lower()}"


def words_of_phone(text: str) -> set[str]:
    """What the phone numbers of a contact are found by in texts."""
    several = re.split(r"[^\d+() .-]+", text)
    parts = [part for part in several if len(re.sub(r"\D", "", part)) >= _DIGITS_COMPARED]
    return {word for part in (text, *parts) if (word := word_of_phone(part))}


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
    """Texts without the erased people that ``words`` (pseudonyms) tell of.

    ``measures``: names in JSON whose numbers are amounts and the like, and nobody's.
    """

    def __init__(
        self, pseudonyms: Pseudonyms, words: Set[str], measures: Set[str] = frozenset()
    ) -> None:
        self._pseudonyms = pseudonyms
        self._words = words
        self._known: dict[str, str] = {}
        names = "|".join(map(re.escape, sorted(measures)))
        kept = rf'(?P<kept>"(?:{names})"\s*:\s*"?{_NUMBER}"?)|' if measures else "(?P<kept>(?!))|"
        self._json_value = re.compile(kept + _JSON_VALUE)

    def plain(self, text: str) -> str:
        """A text with pseudonyms for ids, e-mail addresses and phone numbers."""
        text = _STRETCH.sub(lambda match: self._stretch(match[1]) if match[1] else match[0], text)
        return _PHONE.sub(lambda match: self._phone(match.group()), text)

    def own(self, text: str) -> str:
        """As ``plain``, for a text of an erased person.

        It has no e-mail address but in a utm value, and none of the values of a URL that are told
        to be a name.
        """
        text = _EMAIL.sub(
            lambda match: match["kept"] or self._email(_decoded(match.group())), self.plain(text)
        )
        return _NAMED.sub(lambda match: match[1] + self._pseudonyms.of(match[2]), text)

    def json(self, text: str) -> str:
        """As ``plain``, for the text of a JSON value, which it still is afterwards."""
        return self._json(text, self.plain)

    def own_json(self, text: str) -> str:
        """As ``own``, for the text of a JSON value, which it still is afterwards."""
        return self._json(text, self.own)

    def _json(self, text: str, change: Callable[[str], str]) -> str:
        return self._json_value.sub(
            lambda match: match["kept"] or _changed(match.group(), change), text
        )

    def whole(self, text: str) -> str:
        """A text with a pseudonym, if as a whole it is an id or an e-mail address."""
        return text if self._replacement(text) is None else self._pseudonyms.of(text)

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
        decoded = _decoded(words) if "%" in words else words
        if "@" in decoded and self._email(decoded) in self._words:
            return self._email(decoded)
        word = _word(decoded)
        if word is not None and self._pseudonyms.of(word) in self._words:
            return self._pseudonyms.of(decoded)
        return None

    def _phone(self, numbers: str) -> str:
        """Digits that may be several numbers, without those that end as an erased one."""
        parts, behind, digits = [], 0, ""
        for match in _DIGIT.finditer(numbers):
            digits += match[1] or ""
            end = match.end()
            if not match[1] or numbers[end : end + 1].isdigit():
                continue
            word = word_of_phone(digits)
            if word is not None and self._pseudonyms.of(word) in self._words:
                parts.append(self._pseudonyms.of(numbers[behind:end]))
                behind = end
        return "".join([*parts, numbers[behind:]])

    def _email(self, address: str) -> str:
        return self._pseudonyms.of(word_of_email(address))


def _decoded(text: str) -> str:
    """A text that isn't percent-encoded, as often as it was."""
    while "%" in text:
        encoded, text = text, unquote(text)
        if text == encoded:
            break
    return text


def _changed(value: str, change: Callable[[str], str]) -> str:
    """The text of a JSON string or number behind a change; a number that changed is a string."""
    try:
        before = json.loads(value) if value.startswith('"') else value
    except ValueError:
        return value
    after = change(before)
    return value if after == before else json.dumps(after)
