"""What every kit under `tools/` must be, found as the server finds them: a new folder is covered as it is."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from anthropic import AsyncAnthropic
from pydantic import BaseModel, ValidationError

from glasshouse.catalog import Catalog, catalog_of, definition, find_kits, parse_input
from glasshouse.docs import parts
from glasshouse.emulator import Emulator
from glasshouse.settings import Settings
from glasshouse.tool import Context, Kit, Result, Tool, ToolError

ROOT = Path(__file__).parents[2]
CATALOG = find_kits()
TOOLS = [tool for kit in CATALOG.kits.values() for tool in kit.tools.values()]


def names(tools: list[Tool[Any, Any]]) -> list[str]:
    """Ids for parameters."""
    return [tool.name for tool in tools]


def test_the_three_kits_are_found() -> None:
    assert {"browser", "repl", "livepage"} <= set(CATALOG.kits)


def test_every_tool_of_the_reference_is_offered() -> None:
    page_tools = {"page_get", "page_set_html", "page_add_block", "page_remove", "page_set_style", "page_set_attr"}
    reads = {"browser_read", "browser_screenshot", "js_repl", "js_list_symbols"}
    acts = {f"browser_{act}" for act in ("goto", "click", "type", "select", "scroll", "back", "canvas")}
    assert page_tools | reads | acts <= set(CATALOG.owners)


async def test_the_api_takes_the_definitions_of_all_kits_together() -> None:
    async with Emulator() as emulator, AsyncAnthropic(api_key=emulator.api_key, base_url=emulator.base_url) as client:
        agent = await client.beta.agents.create(name="a", model="claude-opus-5-5", tools=CATALOG.definitions())  # type: ignore[arg-type]
        assert [getattr(tool, "name", None) for tool in agent.tools] == list(CATALOG.owners)


@pytest.mark.parametrize("tool", TOOLS, ids=names(TOOLS))
def test_a_tool_tells_the_agent_what_it_is_for_and_what_each_field_means(tool: Tool[Any, Any]) -> None:
    made = definition(tool)
    assert len(made["description"]) > 40
    text = json.dumps(made["input_schema"])
    assert "$ref" not in text
    assert "$defs" not in text
    undescribed = [name for name, field in made["input_schema"]["properties"].items() if "description" not in field]
    assert undescribed == []


@pytest.mark.parametrize("tool", TOOLS, ids=names(TOOLS))
@pytest.mark.parametrize(
    "given", [None, [], "text", 7, {"no such field": 1}, {"target": {"deep": [[]]}}, {"html": 3, "code": {}, "url": []}]
)
def test_input_that_does_not_fit_gets_a_sentence_with_what_fits(tool: Tool[Any, Any], given: object) -> None:
    fits = isinstance(given, dict) and _fits(tool, given)
    if not fits:
        with pytest.raises(ToolError, match=rf"{tool.name}.*Send \{{"):
            parse_input(tool, given)


def _fits(tool: Tool[Any, Any], given: dict[str, Any]) -> bool:
    try:
        tool.input.model_validate(given)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("kit", CATALOG.kits.values(), ids=list(CATALOG.kits))
def test_a_kit_has_a_panel_and_is_documented_with_all_its_tools_events_and_settings(kit: Kit[Any]) -> None:
    folder = CATALOG.folders[kit.name]
    assert "export const panel" in (folder / "view" / "panel.js").read_text()
    page = (ROOT / "docs" / "kits" / f"{kit.name}.md").read_text()
    events = {
        found
        for file in folder.rglob("*.py")
        for found in re.findall(rf"emit\(\s*\"({kit.name}\.[a-z_]+)\"", file.read_text())
    }
    assert [name for name in (*kit.tools, *kit.controls, *events) if name not in page] == []


def test_the_readme_names_every_setting_and_every_tool() -> None:
    made = parts(CATALOG)
    readme = (ROOT / "README.md").read_text()
    assert made["settings"] in readme
    assert made["tools"] in readme
    assert "`GLASSHOUSE_IDLE_S`" in made["settings"]
    assert all(field.description for field in Settings.model_fields.values())


class Nothing(BaseModel):
    """A tool for a test of the catalogue, with a text long enough."""


class Tree(BaseModel):
    """An input that contains itself, which the API cannot be told."""

    children: list["Tree"] = []


def one_tool_kit(model: type[BaseModel], *, name: str = "x_tool", check: str = "x_tool") -> Catalog:
    """A catalogue of one tool."""

    async def run(state: None, args: BaseModel, context: Context) -> Result:
        return Result.text("x")

    kit = Kit[None](name="x", title="X", state=None, check=check)  # type: ignore[arg-type]
    kit.tool(name, model)(run)
    return catalog_of(kit)


def test_a_definition_that_the_api_would_refuse_is_refused_at_the_start() -> None:
    undocumented = type("Undocumented", (BaseModel,), {})
    with pytest.raises(ValueError, match="docstring"):
        one_tool_kit(undocumented)
    with pytest.raises(ValueError, match="contains itself"):
        one_tool_kit(Tree)
    with pytest.raises(ValueError, match="letters, digits"):
        one_tool_kit(Nothing, name="x tool", check="x tool")
    with pytest.raises(ValueError, match="not a tool of the kit"):
        one_tool_kit(Nothing, check="other")
