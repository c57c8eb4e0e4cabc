"""Finds the kits and makes the definitions of their tools in the form the API takes.

A definition is `{"type": "custom", "name", "description", "input_schema"}`; the API refuses references, combinators at
the top of a schema, and empty descriptions, so references are put in place and the rest is refused at start.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from inspect import cleandoc
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

import tools
from glasshouse.tool import Kit, Tool, ToolError

_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_PROPERTY_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")


@dataclass(frozen=True)
class Catalog:
    """The kits by name, in the order of their names in `tools/`, and who owns which tool."""

    kits: Mapping[str, Kit[Any]]
    owners: Mapping[str, Kit[Any]]
    folders: Mapping[str, Path]

    def definitions(self, kits: Iterable[str] | None = None) -> list[dict[str, Any]]:
        """The tools of the kits named, or of all, as the API takes them. Raises KeyError for an unknown kit."""
        chosen = self.kits if kits is None else {name: self.kits[name] for name in kits}
        return [definition(tool) for kit in chosen.values() for tool in kit.tools.values()]


def find_kits() -> Catalog:
    """Every folder under `tools/` whose package has a `kit`."""
    found: dict[str, Kit[Any]] = {}
    folders: dict[str, Path] = {}
    for entry in pkgutil.iter_modules(tools.__path__):
        module = importlib.import_module(f"tools.{entry.name}")
        kit = getattr(module, "kit", None)
        if isinstance(kit, Kit):
            found[kit.name] = kit
            folders[kit.name] = Path(module.__path__[0])
    return Catalog(found, _owners(found.values()), folders)


def catalog_of(*kits: Kit[Any]) -> Catalog:
    """A catalog of just these kits, for a server that offers something else than `tools/`."""
    return Catalog({kit.name: kit for kit in kits}, _owners(kits), {})


def definition(tool: Tool[Any, Any]) -> dict[str, Any]:
    """One tool as the API takes it. Raises ValueError for what the API would refuse."""
    description = cleandoc(tool.input.__doc__ or "")
    if not description or tool.input.__doc__ == BaseModel.__doc__:
        raise ValueError(f"{tool.name}: the input model has no docstring, which is what the agent reads.")
    if not _TOOL_NAME.fullmatch(tool.name):
        raise ValueError(f"{tool.name}: a tool's name has 1 to 128 letters, digits, underscores or hyphens.")
    return {"type": "custom", "name": tool.name, "description": description, "input_schema": deepcopy(_schema(tool))}


def parse_input(tool: Tool[Any, Any], given: Any) -> BaseModel:
    """The input as the tool's model; raises ToolError with a sentence for each thing wrong and what fits instead."""
    if not isinstance(given, Mapping):
        raise ToolError(f"{tool.name} takes a JSON object. {_expected(tool)}")
    try:
        model: BaseModel = tool.input.model_validate(dict(given))
    except ValidationError as error:
        wrong = "; ".join(_complaint(item) for item in error.errors(include_url=False)[:5])
        raise ToolError(f"The input of {tool.name} does not fit: {wrong}. {_expected(tool)}") from error
    except RecursionError as error:
        raise ToolError(f"The input of {tool.name} is nested too deeply. {_expected(tool)}") from error
    return model


def _complaint(item: Any) -> str:
    place = ".".join(str(part) for part in item["loc"]) or "the input"
    shown = repr(item["input"])
    if item["type"] == "missing":
        return f"`{place}` is missing"
    if item["type"] == "extra_forbidden":
        return f"`{place}` is not known"
    return (
        f"`{place}`: {item['msg'].removeprefix('Value error, ')} (got {shown if len(shown) < 80 else shown[:79] + '…'})"
    )


def _expected(tool: Tool[Any, Any]) -> str:
    schema = _schema(tool)
    required = schema.get("required", [])
    names = [name if name in required else f"{name}?" for name in schema["properties"]]
    return f"Send {{{', '.join(names)}}}." if names else "Send {}."


def _owners(kits: Iterable[Kit[Any]]) -> dict[str, Kit[Any]]:
    owners: dict[str, Kit[Any]] = {}
    for kit in kits:
        if kit.check not in kit.tools:
            raise ValueError(f"{kit.name}: `check` names {kit.check}, which is not a tool of the kit.")
        for tool in kit.tools.values():
            definition(tool)
            if tool.name in owners:
                raise ValueError(f"{tool.name} is in two kits: {owners[tool.name].name} and {kit.name}.")
            owners[tool.name] = kit
    return owners


@lru_cache(maxsize=256)  # tools; pydantic takes some milliseconds for one, and each wrong input is answered with it
def _schema(tool: Tool[Any, Any]) -> dict[str, Any]:
    schema = tool.input.model_json_schema()
    definitions = schema.pop("$defs", {})
    placed = _in_place(schema, definitions, ())
    placed.pop("title", None)
    placed.pop("description", None)
    for name in placed.setdefault("properties", {}):
        if not _PROPERTY_NAME.fullmatch(name):
            raise ValueError(f"{tool.name}: the API refuses the property name {name!r}.")
    assert isinstance(placed, dict)
    return placed


def _in_place(node: Any, definitions: Mapping[str, Any], inside: tuple[str, ...]) -> Any:
    """The schema with each reference replaced by what it names, and without the titles pydantic makes of names."""
    if isinstance(node, list):
        return [_in_place(item, definitions, inside) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name in inside:
            raise ValueError(
                f"{name} contains itself; the API takes no references, so a recursive input cannot be said."
            )
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return {**_in_place(definitions[name], definitions, (*inside, name)), **beside}
    return {key: _in_place(value, definitions, inside) for key, value in node.items() if not _is_aside(key, value)}


def _is_aside(key: str, value: Any) -> bool:
    """Whether a keyword says nothing to the agent: a title made of a name, a pointer to what is in place now."""
    return (key == "title" and isinstance(value, str)) or (key == "discriminator" and "propertyName" in value)
