"""The generated parts of the README: tables of tools and of settings, made from the code that they describe.

A part stands between `<!-- begin: NAME -->` and `<!-- end: NAME -->`.
"""

import re
from pathlib import Path

from glasshouse.catalog import Catalog
from glasshouse.settings import Settings, settings_table

README = Path(__file__).parents[1] / "README.md"


def parts(catalog: Catalog) -> dict[str, str]:
    """The generated parts by name."""
    kinds = [kit.settings for kit in catalog.kits.values() if kit.settings]
    return {"settings": settings_table(Settings, *kinds), "tools": tools_table(catalog)}


def tools_table(catalog: Catalog) -> str:
    """Each kit's tools, their inputs, and the first sentence of what the agent reads."""
    rows = ["| kit | tool | input | what it does |", "|---|---|---|---|"]
    for kit in catalog.kits.values():
        for one in catalog.definitions([kit.name]):
            schema = one["input_schema"]
            names = [name if name in schema.get("required", []) else f"{name}?" for name in schema["properties"]]
            sentence = re.split(r"(?<=[.;:])\s", one["description"].replace("\n", " "), maxsplit=1)[0].rstrip(";:")
            given = f"`{', '.join(names)}`" if names else ""
            rows.append(f"| {kit.name} | `{one['name']}` | {given} | {sentence.replace('|', chr(92) + '|')} |")
    return "\n".join(rows)


def fill(text: str, made: dict[str, str]) -> str:
    """The README with its generated parts as they should be."""
    for name, part in made.items():
        marks = re.compile(rf"(<!-- begin: {name} -->\n).*?(<!-- end: {name} -->)", re.DOTALL)
        text = marks.sub(lambda found, part=part: f"{found[1]}{part}\n{found[2]}", text)  # type: ignore[misc]
    return text


def update(catalog: Catalog, *, check: bool) -> bool:
    """Write the README's generated parts, or only say whether they are up to date."""
    text = README.read_text()
    filled = fill(text, parts(catalog))
    if not check:
        README.write_text(filled)
    return filled == text
