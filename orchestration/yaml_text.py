"""YAML that a user writes, with the line of what is wrong in it."""

from __future__ import annotations

from typing import Any

import yaml

from orchestration.errors import UsageError


class _Loader(yaml.SafeLoader):
    """Refuses two values under one name, of which the first would be lost without a word."""

    def compose_mapping_node(self, anchor: str | None) -> yaml.MappingNode:
        """A mapping as it is written; what `<<` brings in from elsewhere may be overridden."""
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode):
                if (key.tag, key.value) in seen:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"{key.value!r} stands there twice", key.start_mark
                    )
                seen.add((key.tag, key.value))
        return node

    def construct_yaml_timestamp(self, node: yaml.ScalarNode) -> object:
        """A date or an instant; PyYAML's own error over 2025-02-30 names no line."""
        try:
            return super().construct_yaml_timestamp(node)
        except ValueError as error:
            raise yaml.constructor.ConstructorError(
                None, None, f"{node.value} is no date ({error})", node.start_mark
            ) from error


_Loader.add_constructor("tag:yaml.org,2002:timestamp", _Loader.construct_yaml_timestamp)


def read_yaml(text: str, source: str, remedy: str) -> Any:
    """What a YAML text says; None for an empty one.

    source is what a user calls the text, remedy what to do about a mistake. Raises UsageError
    where it isn't YAML, with the line of the mistake if it has several.
    """
    try:
        return yaml.load(text, _Loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error)
        if isinstance(error, yaml.reader.ReaderError):
            line: int | None = text.count("\n", 0, error.position) + 1
            reason = f"the character {chr(error.character)!r} is not allowed"
        else:
            line = mark.line + 1 if mark else None
        place = f"line {line}: " if line and "\n" in text.strip() else ""
        raise UsageError(f"{source} is not YAML ({place}{reason}): {remedy}") from error
