"""The rules an agent's tool list must keep before the API takes it."""

import re
from collections.abc import Iterator

from glasshouse.emulator.marks import Json
from glasshouse.emulator.problem import bad

MAX_TOOLS = 128
BUILT_IN = frozenset({"bash", "edit", "read", "write", "glob", "grep", "web_fetch", "web_search"})
_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_PROPERTY = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
_TOP_LEVEL_UNIONS = ("oneOf", "anyOf", "allOf")


def check_tools(tools: list[Json], mcp_servers: list[Json]) -> list[Json]:
    """The list as the API stores it. Raises 400 naming the entry and the rule."""
    if len(tools) > MAX_TOOLS:
        raise bad(f"tools: at most {MAX_TOOLS} entries, got {len(tools)}")
    names: set[str] = set()
    stored = []
    for index, tool in enumerate(tools):
        stored.append(_check_one(f"tools[{index}]", tool, names))
    _check_servers(tools, mcp_servers)
    return stored


def _check_one(place: str, tool: Json, names: set[str]) -> Json:
    kind = tool.get("type")
    if kind == "agent_toolset_20260401":
        default = {"enabled": True, "permission_policy": {"type": "always_allow"}, **(tool.get("default_config") or {})}
        return {"type": kind, "configs": tool.get("configs") or [], "default_config": default}
    if kind == "mcp_toolset":
        return {"configs": [], "default_config": {"enabled": True, "permission_policy": {"type": "always_ask"}}, **tool}
    if kind != "custom":
        raise bad(f"{place}.type: unknown tool type {kind!r}")
    _check_custom(place, tool)
    if tool["name"] in names:
        raise bad(f"{place}.name: duplicate tool name {tool['name']!r}")
    names.add(tool["name"])
    return {key: tool[key] for key in ("type", "name", "description", "input_schema")}


def _check_custom(place: str, tool: Json) -> None:
    if extra := sorted(set(tool) - {"type", "name", "description", "input_schema"}):
        raise bad(f"{place}.{extra[0]}: extra inputs are not permitted")
    name = tool.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise bad(f"{place}.name: must be 1-128 letters, digits, underscores or hyphens")
    if name in BUILT_IN or name.startswith("mcp__"):
        raise bad(f"{place}.name: {name!r} is reserved")
    description = tool.get("description")
    if not isinstance(description, str) or not description.strip():
        raise bad(f"{place}.description: must be a non-empty string")
    _check_schema(f"{place}.input_schema", tool.get("input_schema"))


def _check_schema(place: str, schema: object) -> None:
    if not isinstance(schema, dict) or schema.get("type") != "object":
        raise bad(f'{place}.type: must be "object"')
    for union in _TOP_LEVEL_UNIONS:
        if union in schema:
            raise bad(f"{place}: {union} is not supported at the top level")
    for node in _schemas(schema):
        if reference := next((key for key in node if key in _REFERENCES), None):
            raise bad(f"{place}: {reference} is not supported")
        properties = node.get("properties")
        for key in properties if isinstance(properties, dict) else ():
            if not _PROPERTY.fullmatch(key):
                raise bad(f"{place}: property name {key!r} must match [A-Za-z0-9_.-]{{1,64}}")


def _schemas(node: object) -> Iterator[Json]:
    """Every schema object below `node`. Values of `properties` are schemas; the map itself is not one."""
    if isinstance(node, list):
        for item in node:
            yield from _schemas(item)
    if not isinstance(node, dict):
        return
    yield node
    for key, value in node.items():
        if key in {"properties", "$defs", "patternProperties"} and isinstance(value, dict):
            yield from _schemas(list(value.values()))
        elif key not in {"enum", "const", "default", "examples"}:
            yield from _schemas(value)


def _check_servers(tools: list[Json], mcp_servers: list[Json]) -> None:
    if len(mcp_servers) > 20:
        raise bad("mcp_servers: at most 20")
    names = [server.get("name") for server in mcp_servers]
    if len(set(names)) != len(names):
        raise bad("mcp_servers: names must be unique")
    used = {tool.get("mcp_server_name") for tool in tools if tool.get("type") == "mcp_toolset"}
    for name in names:
        if name not in used:
            raise bad(f"mcp_servers: {name!r} is not referenced by any mcp_toolset in tools")
    for name in used - set(names):
        raise bad(f"tools: mcp_toolset names an unknown server {name!r}")
