"""Values, names and texts that were seen to break software that reads files."""

from __future__ import annotations

import random

from orchestration.load.contracts import Kind

# Text that SQL, a shell, a template, a spreadsheet or a reader of CSV or JSON could take for more.
TEXTS = (
    *("'; drop table campaigns; --", '"; select 1; --', "''", '"', '""', "'", "\\", "\\'"),
    *("\\N", "=cmd|' /C calc'!A0", "+1+1", "@SUM(A1)", "-2+3", "${HOME}", "$(id)", "`id`"),
    *("%s%n%d", "{{ 1 / 0 }}", "{% raw %}", "{# #}", "{}", "[]", "null", "NULL", "NaN"),
    *("None", "undefined", "*", "[a-z]?", "%", "_", "../../etc/passwd", "/etc/passwd"),
    *("read_csv('/etc/passwd')", "a\tb", "a\nb", "a\r\nb", "a\rb", " padded ", "\t", "a,b"),
    *("a;b", "a|b", "#", "//", "/* */", "\u00a0", "\u202egnp", "\ufeffmark", "\u0085"),
    *("\u2028", "\x1f", "\x7f", "\uffff", "é", "e\u0301", "ß", "\u0130", "\u212a"),
    *("\U0001f600", "\U0010ffff", "日本語", "\u02bc", "007", "1e5", "0x1F", "1.50", "true"),
    *("2025-05-01", "x" * 5000, "é" * 3000, '"' * 99, "\\u0000", "\\ud800", "\\x00"),
    *("<script>alert(1)</script>", "javascript:alert(1)", "all", "no campaign"),
    *("unattributed", "_extra", "c0", "broken", "rowid"),
)

INSTANTS = (
    *("2025-05-01T12:00:00Z", "2025-05-01", "2025-05-01t12:00z"),
    *("2025-05-01 12:00:00.5+05:45", "0000-01-01", "0001-01-01T00:00:00+14:00"),
    *("0001-01-01T00:00:00", "-0001-01-01", "9999-12-31T23:59:59.999999Z"),
    *("9999-12-31T23:59:59-12:00", "10000-01-01", "300000-01-01", "0", "-0", "-1", "+1"),
    *("-62135596800000", "-62135596800001", "253402300799999", "253402300800000"),
    *("9223372036854775807", "9223372036854775808", "9" * 400, "1e12", "1.5", "2025-02-29"),
    *("2024-02-29", "2025-02-30", "2025-13-01", "2025-00-10", "2025-04-31T10:00"),
    *("2025-05-01T24:00:00", "2025-05-01T23:59:60Z", "2025-05-01T12:60", "2025-05-01T12"),
    *("2025-05-01T12:00:00 Europe/Berlin", "2025-05-01T12:00:00+25:00"),
    *("2025-05-01T12:00:00+1", "infinity", "-infinity", "epoch", "now", "today"),
    *("01/05/2025", "1. Mai 2025", "20250501", "2025-05-01T12:00:00.1234567890123456789Z"),
    *(" 2025-05-01 ", "2025-5-1", "2025-W18-4", "\uff12025-05-01", "\u0662025-05-01"),
    *("2025-05-01 (BC)", "2025-05-01 BC", "2025-05-01T12:00:00ZZ"),
)

NUMBERS = (
    *("0", "-0", "+1", "1.", ".5", "--1", "1e2", "1E-2", "12.345", "-12.345", "1.005"),
    *(" 7 ", "1e400", "-1e400", "1e-400", "1e99999999999999999999"),
    *("1e-99999999999999999999", "NaN", "nan", "Infinity", "-inf", "1,234.5", "1.234,5"),
    *("1_000", "0x10", "\u0663", "\uff11", "1 000", "9999999999999.99"),
    *("9999999999999.994", "9999999999999.995", "10000000000000", "-1e13"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "9" * 400),
    *("0." + "0" * 400 + "1", "0." + "9" * 400, "1" + "0" * 38, "4.9e-324"),
    *("1.7976931348623157e308", "5e-17", "9999999.9999999999999999", "10000000"),
    *("0.00000000000000004", "€5", "5%", "1/3"),
)

BOOLEANS = (
    *("true", "TRUE", "False", "yes", "No", "1", "0", "2", "t", "y", "on", "wahr", " true"),
    "1.0",
)

JSONS = (
    *("{}", " {} ", '{"a": 1}', '{"a": {"b": [1, 2, {"c": null}]}}', '{"a": 1, "a": 2}'),
    *('{"": ""}', "[]", "null", "1", '"{}"', "{", "{]", '{"a": 1,}', "{'a': 1}"),
    *('{"a": NaN}', '{"a": -Infinity}', '{"a": "}"}'),
    *('{"q": "\'; drop table campaigns; --"}', '{"$.a[*]": "{{ 1 / 0 }}"}', "{}{}"),
    *('{"a": 01}', '{"a": .5}', '{"a": "\t"}', '{"a": /* */ 1}', '{"\\u0061": "\\u00e9"}'),
    *('{"a":' * 200 + "1" + "}" * 200, '{"a": ' + "[" * 300 + "]" * 300 + "}"),
    *('{"text": "' + "x" * 5000 + '"}', '{"a": 1e5, "b": 123456789012345678901234567890}'),
)

# Names of columns: the loader's own, those of SQL, and texts that could be taken for more.
COLUMNS = (
    *("select", "from", "rowid", "filename", "file_row_number", "file_index", "row_number"),
    *("line", "_extra", "_file", "_row_number", "_load_id", "c0", "c1", "keys", "fields"),
    *("json_line", "given_event_id", "parsed_event_id", "parts_created_at", "load_id"),
    *("broken", "original", "file_position", "shoe size", "a.b", "$.a", "a[0]", "Ä", "ä"),
    *("\u00a0x", "x" * 300),
    *TEXTS[:50],
)

# What stands before the ending of a file's name. Names needn't be UTF-8: \udcNN is the byte NN.
STEMS = (
    *("a b", "it's", 'q"q', "*", "**", "?", "[1]", "{a,b}", "new\nline", "tab\t"),
    *("back\\s", "\\xff", "\\u0041", "..", "...", ". .", "..%2f..%2fetc%2fpasswd", "~"),
    *("~root", "$HOME", "${x}", "{{ x.y }}", "%s%n", "month=5", "a=b=c"),
    *("'; drop table campaigns; --", "-rf", "--help", "#", "&", "a;b", "|", "<", "nul"),
    *("a:b", "s3:x", "http:x", "quota", "permission denied", "out of memory"),
    *("no space left on device", "could not write", "é", "e\u0301", "\u202egnp"),
    *("\U0001f600", "x" * 200, "\x01", "\x7f", "\u2028", "a\r", "000000-empty"),
    *("000001-00001-0123456789ab", "ledger", "x.csv", "x.parquet", "x.gz", "\udcff\udcfe"),
    *("caf\udce9", "\udced\udca0\udc80", "\udcc3", "\\\udcff"),
)

_OF_KIND = {
    Kind.TEXT: TEXTS,
    Kind.INSTANT: INSTANTS,
    Kind.DATE: INSTANTS,
    Kind.AMOUNT: NUMBERS,
    Kind.RATE: NUMBERS,
    Kind.INTEGER: NUMBERS,
    Kind.NUMBER: NUMBERS,
    Kind.BOOLEAN: BOOLEANS,
    Kind.JSON: JSONS,
}


def hostile(rng: random.Random, kind: Kind) -> str:
    """A value for a column of that kind; now and then one of another kind, or none."""
    if rng.random() < 0.1:
        return ""
    return rng.choice(_OF_KIND[rng.choice(list(Kind)) if rng.random() < 0.15 else kind])
