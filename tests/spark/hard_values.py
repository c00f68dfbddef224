# ruff: noqa: RUF001 - characters that look like others are what is tested
"""Values that engines are likely to take differently, and random ones, the same in every run."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

NUMBERS = [
    "0", "-0", "+0", "00", "007", "-007", "5", "-5", "+5", "1.0", "1.10", "-1.50", ".5", "5.",
    "1e2",
    "1E2", "1e+2", "1e-2", "-1.5e-7", "1e400", "-1e400", "1e-400", "1e308", "1.8e308", "5e-324",
    "2e-324", "1e15", "1e16", "1e17", "9999999999999999", "12345678901234567890", "1e21", "1e22",
    "1e23", "2e23", "0.0001", "0.00001", "0.000123456789", "1e-4", "1e-5", "9.5e-5", "123456.789e3",
    "0.1", "0.30000000000000004", "123456789012345678901234567890", "9" * 38, "9" * 39,
    "0" * 50 + "1", "0." + "0" * 50 + "1", "1" + "0" * 60, "0.00" + "4" + "9" * 60, "1.005",
    "1.004999999999999999999999999999999999999999999999999", "-1.005", "2.675", "0.5", "-0.5",
    "99999999999999.995", "9999999999999999.994", "9999999999999999.995", "7e-9", "5e-3", "4.9e-3",
    "1e-99999", "1e99999", "0e99999", "1e-99999999999999999999", "1e99999999999999999999",
    "0e99999999999999999999", "-0.0", "-0.001", "-1e-9", " 1", "1 ", "1\n", "1\r", "1\r\n",
    "1\u0085", "1\u2028", "1\u2029", "\n1", "1\n2", "1\t", "\u00a01", "\u0661", "\uff11",
    "1d", "1f", "1D", "1L", "0x10", "1_000", "1,5", "1e", "e1", "1e1.5", "--1", "-", "+", ".", "",
    "NaN", "nan", "inf", "Infinity", "-inf", "true", "null", "1\u0000", "1" * 400, "1." + "1" * 400,
]  # fmt: skip

TEXTS = [
    "", " ", "a", "A", " a ", "\ta\n", "\n", "a\n", "a \n", "a\r\n", "a\u0085", "a \u0085",
    "a\u2028", "a \u2029", "\u00a0a\u00a0", "\u2003a", "\ufeffa", "\x0ba\x0b", "\x0ca", "\x1fa",
    "a  b", "İ", "I", "ı", "ß", "ẞ", "ΑΣ", "ΑΣ.", "Σ", "ς", "ΟΔΟΣ ΟΔΟΣ", "Ǆ", "ǅ", "K", "Å", "ﬁ",
    "É", "E\u0301", "日本", "😀", "👩‍👩‍👧", "𐐀", "Ⓐ", "Ა", "Ꭰ", "ꭰ", "Ⅷ", "\u0000a", "a\u0000", "'",
    "''",
    "\\", "\\n", "%", "_", "$", "$1", "\\1", '"', "a'b\"c\\d", "{{ a }}", "{% a %}", "--", "/*",
    ";", "?", ":a", "${a}", "\ufffd", "\ue000", "\U0010ffff",
]  # fmt: skip

ESCAPES = [
    "a+b", "%20", "a%20b", "%2B", "+%2B+", "%", "%%", "%2", "%zz", "%2z", "a%", "%25", "%2525",
    "%25%32%30", "100%", "100%25", "%C3%A9", "%c3%a9", "é%C3%A9", "%C3", "%C3%28", "%E2%82",
    "%E2%82%AC", "%F0%9F%98%80", "%F0%9F%98", "%ED%A0%80", "%ED%BF%BF", "%C0%80", "%C0%AF", "%FF",
    "%FE%FF", "%F4%90%80%80", "%F8%88%80%80%80", "%EF%BF%BD", "\ufffd%20", "a\ufffd", "%00",
    "a%00b",
    "%0A", "%0D%0A", "%u0041", "%20%zz", "%C3%A9%zz", "%FF%zz", "+%", "%+", "%+20", "%\u0662\u0660",
    "%２０", "%E9", "caf%E9+au+lait", "%7E~", "😀%20😀", "%80", "%BF", "%EF%BF%BE", "%EF%BF%BF",
    "%E0%80%80", "%E0%9F%BF", "%F0%80%80%80",
]  # fmt: skip

JSONS = [
    '{"k": "v"}', '{"k": ""}', '{"k": " "}', '{"k": null}', '{"k": true}', '{"k": false}', "{}",
    '{"k": 0}', '{"k": -0}', '{"k": -0.0}', '{"k": 1}', '{"k": 1.0}', '{"k": 1.10}', '{"k": 1e2}',
    '{"k": 1E2}', '{"k": 1e+2}', '{"k": 1.5e3}', '{"k": 12345678.9}', '{"k": 10000000.0}',
    '{"k": 0.001}', '{"k": 0.0001}', '{"k": 0.00001}', '{"k": 0.000001}', '{"k": 0.0000001}',
    '{"k": 1e15}', '{"k": 1e16}', '{"k": 1e20}', '{"k": 123456789.123}',
    '{"k": 1e21}', '{"k": 1e22}', '{"k": 1e-7}', '{"k": 123456789012345678}',
    '{"k": 9223372036854775807}', '{"k": 9223372036854775808}', '{"k": -9223372036854775808}',
    '{"k": -9223372036854775809}', '{"k": 18446744073709551615}', '{"k": 18446744073709551616}',
    '{"k": 123456789012345678901234567890}', '{"k": 0.1234567890123456789}', '{"k": 2e-3}',
    '{"k": 1e308}', '{"k": 5e-324}', '{"k": 1.7976931348623157e308}',
    '{"k": "1.5E7"}', '{"k": "1.0E10", "n": 1.0}', '{"k": "1e2"}',
    '{"k": {"a": 1}}', '{"k": { "a" : [ 1 , "x" ] } }', '{"k": [1, 2]}', '{"k": []}', '{"k": {}}',
    '{"k": ["a"]}', '{"k": [null]}', '{"k": "a\\"b"}', '{"k": "a\\\\b"}', '{"k": "a\\/b"}',
    '{"k": "\\u0041"}', '{"k": "\\u00e9"}', '{"k": "\\ud83d\\ude00"}', '{"k": "\\n\\t"}',
    '{"k": "é😀"}',
    '{"k": "\\u0000"}', '{"k": "a\\u0000b"}', '{"\\u006b": "v"}', '{"K": "v"}', '{"k": 1, "k": 2}',
    '{"k": {"k": 1}}', '{"a": {"k": 1}}', '{"a": [{"k": 1}]}', '{"k.x": 1}',
    ' { "k" : "v" } ', '\n{"k":\n"v"}\n', '{"k": "\u2028"}', '{"k": "\\u2028"}', '{"k": "\u007f"}',
    '{"k x": 1}', '{"\'": 1, "k": 2}', '{"a": "1e400", "k": 1}', '{"k": "null"}', '{"k": "true"}',
    '{"": "v", "k": 1}', '{"a": "' + "x" * 70000 + '", "k": "' + "y" * 70000 + '"}',
    '{"a": ' + "[" * 900 + "]" * 900 + ', "k": 1}', '{"a": ' + "1" * 900 + ', "k": 1}',
    '{"k": "' + "z" * 100 + '", "a": "' + "\\u0041" * 3000 + '"}',
]  # fmt: skip

# What Spark reads otherwise, by why: none of it is an id, a name or a figure of the catalogue.
JSONS_READ_OTHERWISE = {
    "null, then a value under the same key": '{"k": null, "k": 2}',
    "a number that no DOUBLE holds": '{"k": 1e400}',
    "a number of more than 1000 digits": '{"a": ' + "1" * 3000 + ', "k": 1}',
    "more than 1000 levels": '{"a": ' + "[" * 3000 + "]" * 3000 + ', "k": 1}',
    "a number below a value": '{"k": {"a": 1e10}}',
    "a number and a text of Java's spelling": '{"k": 1.0E10, "n": "1.0E10"}',
}

# Instants of all years but the first and the last, which a zone may leave.
INSTANTS = [
    "0002-01-01 00:00:00", "0002-12-31 23:59:59.999999", "0099-02-28 12:00:00",
    "0999-06-01 00:00:00",
    "1500-02-28 23:00:00", "1582-10-04 12:00:00", "1582-10-15 00:00:00", "1700-01-01 00:00:00",
    "1900-01-01 00:00:00", "1969-12-31 23:59:59.999999", "1970-01-01 00:00:00",
    "2024-02-29 23:59:59.999999", "2026-03-29 00:59:59.999999", "2026-03-29 01:00:00",
    "2026-10-25 00:30:00", "2026-10-25 01:30:00", "2038-01-19 03:14:08",
    "9998-12-31 23:59:59.999999",
]  # fmt: skip
FIRST_INSTANT, LAST_INSTANT = "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"

ZONES = [
    "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Asia/Kolkata",
    "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia", "Europe/Dublin", "Africa/Monrovia",
]  # fmt: skip

MONEY = [
    "0", "0.01", "-0.01", "0.02", "0.05", "-0.05", "1", "-1", "1.01", "33.33", "100",
    "123456789.01",
    "999999999999.99", "1000000000000.00", "9999999999999.99", "-9999999999999.99",
    "99999999999999.99", "100000000000000.00", "9999999999999999.99", "-9999999999999999.99",
]  # fmt: skip

# Those that the load takes.
AMOUNTS = MONEY[:16]

RATES = [
    "1", "0.5", "0.0999999999999999", "1.0000000000000001", "9999999.9999999999999999",
    "1234567.8901234567890123", "0.0000000000000001", "999999.9999999999999999",
]  # fmt: skip

WHOLE = [0, 1, -1, 2, -2, 3, 7, -7, 200, 10_000, 2**31, 2**53 + 1, 2**62, 2**63 - 1, -(2**63)]

# Upper case that Unicode had before version 16, which DuckDB doesn't know yet.
CAPITALS = [chr(code) for code in range(0x1C89) if chr(code).lower() != chr(code)]


def random_texts(number: int, alphabet: str, most: int = 12) -> list[str]:
    chance = random.Random(20250101)
    return ["".join(chance.choices(alphabet, k=chance.randint(0, most))) for _ in range(number)]


def random_numbers(number: int) -> list[str]:
    """Of up to 15 digits, which a DOUBLE holds, with exponents of up to 30."""
    chance = random.Random(20250102)
    found = []
    for _ in range(number):
        digits = "".join(chance.choices("0123456789", k=chance.randint(1, 15)))
        point = chance.randint(1, len(digits))
        if point < len(digits) and chance.random() < 0.7:
            digits = f"{digits[:point]}.{digits[point:]}"
        exponent = f"e{chance.randint(-30, 30)}" if chance.random() < 0.5 else ""
        found.append(f"{chance.choice(['', '-'])}{digits}{exponent}")
    return found


def random_json_numbers(number: int) -> list[str]:
    """As `random_numbers`, as JSON has them: without leading zeros."""
    numbers = (text.removeprefix("-").lstrip("0") for text in random_numbers(number))
    return [text if text[:1].isdigit() else f"0{text}" for text in numbers]


def random_instants(number: int) -> list[str]:
    """Of the years 1900 to 2099."""
    chance = random.Random(20250103)
    first, span = datetime(1900, 1, 1), 200 * 365 * 86_400 * 10**6
    return [str(first + timedelta(microseconds=chance.randrange(span))) for _ in range(number)]


def random_amounts(number: int, most_digits: int) -> list[str]:
    chance = random.Random(20250104)
    return [
        str(Decimal(chance.randrange(-(10**digits), 10**digits)).scaleb(-2))
        for digits in (chance.randint(1, most_digits) for _ in range(number))
    ]


def random_rates(number: int) -> list[str]:
    chance = random.Random(20250105)
    return [str(Decimal(chance.randrange(10**23)).scaleb(-16)) for _ in range(number)]


def random_doubles(number: int) -> list[float]:
    """From 0 to 10, of up to seven decimals."""
    chance = random.Random(20250106)
    return [
        chance.randrange(10 ** (decimals + 1)) / 10**decimals
        for decimals in (chance.randint(1, 7) for _ in range(number))
    ]
