"""The pages of the rules: each with its text, the SQL of its model, its unit tests and results."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

# The subject of each family of rules, by the letters that their ids begin with.
FAMILIES = {
    "ID": "Who did it",
    "S": "Sessions",
    "T": "What counts, and since when",
    "N": "New contacts",
    "I": "Influenced contacts",
    "D": "Deals and revenue",
    "A": "Attribution",
    "J": "Journeys",
    "K": "KPIs and channels",
}

REFERENCE = "../reference/index.html#!/model"

_CITED = re.compile(r"\b(ID|[STNIDAJK])-(\d+)(?: to (?:ID|[STNIDAJK])-(\d+))?\b")


@dataclass(frozen=True)
class Rule:
    """A row of the mart `metric_rules`."""

    rule_id: str
    rule: str
    model: str
    test: str
    status: str
    unit_test_status: str

    @property
    def family(self) -> str:
        """The letters that the id begins with."""
        return self.rule_id.partition("-")[0]


def rule_pages(rules: Sequence[Rule], manifest: Mapping[str, Any]) -> dict[str, str]:
    """The Markdown of each page, by its name: `index`, and one per family of rules.

    manifest is dbt's. Raises KeyError where a rule is of no known family, or of an unknown model.
    """
    models = {
        node["name"]: node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
    }
    tests = list(manifest["unit_tests"].values())
    pages = {"index": _index(rules)}
    for family, title in FAMILIES.items():
        own = [rule for rule in rules if rule.family == family]
        pages[family.lower()] = "\n".join(_family(title, own, models, tests))
    return pages


def cited(description: str) -> set[str]:
    """The ids of the rules that a text cites; `N-1 to N-3` cites those between, too."""
    return {
        f"{family}-{number}"
        for family, first, last in _CITED.findall(" ".join(description.split()))
        for number in range(int(first), int(last or first) + 1)
    }


def tests_of(rule: Rule, tests: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The unit tests that are named after a rule, by name."""
    begin = rule.rule_id.lower().replace("-", "_") + "_"
    return sorted((t for t in tests if t["name"].startswith(begin)), key=lambda t: t["name"])


def _index(rules: Sequence[Rule]) -> str:
    rows = [
        f"| [{rule.rule_id}]({rule.family.lower()}.md#{rule.rule_id.lower()}) | {_cell(rule.rule)}"
        f" | {rule.status} | {rule.unit_test_status} |"
        for rule in sorted(rules, key=_place)
    ]
    return "\n".join(
        [
            "# The rules",
            "",
            f"All {len(rules)} rules, with their results as they stood in the published warehouse"
            " (mart `metric_rules`) when this page was made. `data tests` is the worst result of"
            " the model's tests in that night, `unit tests` that of the rule's in the last"
            " `make test`.",
            "",
            "| rule | what it says | data tests | unit tests |",
            "|---|---|---|---|",
            *rows,
            "",
            "```{toctree}",
            ":hidden:",
            "",
            *(family.lower() for family in FAMILIES),
            "```",
            "",
        ]
    )


def _family(
    title: str,
    rules: Sequence[Rule],
    models: Mapping[str, Mapping[str, Any]],
    tests: Sequence[Mapping[str, Any]],
) -> Iterator[str]:
    shown: dict[str, str] = {}
    yield f"# {title}"
    for rule in sorted(rules, key=_place):
        node = models[rule.model]
        others = sorted(
            name
            for name, other in models.items()
            if name != rule.model and rule.rule_id in cited(_descriptions(other))
        )
        yield f"\n## {rule.rule_id}\n"
        yield f"{rule.rule}\n"
        yield f"Model: {_link(node)} (data tests: {rule.status}).\n"
        if others:
            yield f"Cited by: {', '.join(_link(models[name]) for name in others)}.\n"
        if rule.model in shown:
            above = shown[rule.model]
            yield f"Its code stands under [{above}](#{above.lower()}).\n"
        else:
            shown[rule.model] = rule.rule_id
            yield from _folded(f"{rule.model}: the model", node["raw_code"], _lexer(node))
        yield f"Unit tests ({rule.unit_test_status}):\n"
        for test in tests_of(rule, tests):
            yield from _folded(test["name"], _test_as_yaml(test), "yaml")


def _place(rule: Rule) -> tuple[int, int]:
    return list(FAMILIES).index(rule.family), int(rule.rule_id.partition("-")[2])


def _descriptions(node: Mapping[str, Any]) -> str:
    """What is written of a model and its columns."""
    columns = node["columns"].values()
    return " ".join([node["description"], *(column["description"] for column in columns)])


def _link(node: Mapping[str, Any]) -> str:
    return f'<a href="{REFERENCE}/{node["unique_id"]}"><code>{node["name"]}</code></a>'


def _lexer(node: Mapping[str, Any]) -> str:
    return "python" if node["language"] == "python" else "sql+jinja"


def _folded(title: str, code: str, lexer: str) -> Iterator[str]:
    """A block of code that opens at a click."""
    yield f"<details><summary><code>{title}</code></summary>\n"
    yield f"````{lexer}\n{code.strip()}\n````\n"
    yield "</details>\n"


def _test_as_yaml(test: Mapping[str, Any]) -> str:
    """A unit test as it may stand in YAML: its description, given rows and expected ones."""
    said = {
        "description": " ".join(test["description"].split()) or None,
        "overrides": test["overrides"],
        "given": [{"input": given["input"]} | _rows(given) for given in test["given"]],
        "expect": _rows(test["expect"]),
    }
    return "\n".join(_lines({name: value for name, value in said.items() if value}))


def _rows(fixture: Mapping[str, Any]) -> dict[str, Any]:
    """The rows of a fixture; those in SQL or CSV with their format."""
    named = {"format": fixture["format"]} if fixture["format"] != "dict" else {}
    return named | {"rows": fixture["rows"]}


def _lines(said: Mapping[str, Any], indent: str = "") -> Iterator[str]:
    """YAML with one row a line, as the project writes it."""
    for name, value in said.items():
        if name == "given":
            yield f"{indent}given:"
            for given in value:
                first, *rest = _lines(given, indent + "    ")
                yield f"{indent}  - {first.strip()}"
                yield from rest
        elif name == "expect":
            yield f"{indent}expect:"
            yield from _lines(value, indent + "  ")
        elif name == "rows" and isinstance(value, list) and value:
            yield f"{indent}rows:"
            yield from (f"{indent}  - {_flow(row)}" for row in value)
        else:
            yield f"{indent}{name}: {_flow(value)}"


def _flow(value: object) -> str:
    """A value on one line."""
    return (
        yaml.safe_dump(
            value, default_flow_style=True, width=10**6, sort_keys=False, allow_unicode=True
        )
        .removesuffix("\n...\n")
        .strip()
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
