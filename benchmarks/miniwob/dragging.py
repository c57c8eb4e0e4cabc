"""Policies for tasks that drag."""

import re

from benchmarks.miniwob.agent import Agent, fits, shapes


async def drag_box(agent: Agent) -> None:
    await agent.do("drag", target=agent.number('clickable "s"'), to=agent.number('clickable "L"'))
    await agent.submit()


async def drag_items(agent: Agent) -> None:
    names = re.findall(r'- \*?\[(\d+)\] clickable "(\w+)"', agent.text)
    order = [name for _, name in names]
    moved = re.search(r"Drag (\w+) (?:up|down) by one|Drag (\w+) to the (\d)", agent.text)
    assert moved
    name = moved[1] or moved[2]
    at = order.index(name)
    goal = int(moved[3]) - 1 if moved[3] else at + (1 if "down" in moved[0] else -1)
    n, other = int(names[at][0]), int(names[goal][0])
    await agent.do("drag", target=n, to=other, to_at=[30, 2 if goal < at else 18])


async def sort_numbers(agent: Agent) -> None:
    for place in range(8):
        found = re.findall(r'- \*?\[(\d+)\] clickable "(-?\d+)"', agent.text)
        if place >= len(found):
            break
        least = min(found[place:], key=lambda one: int(one[1]))
        if least != found[place]:
            await agent.do("drag", target=int(least[0]), to=int(found[place][0]), to_at=[20, 2])
            await agent.read()
    await agent.submit()


async def drag_single_shape(agent: Agent) -> None:
    (way,) = agent.said(r"Drag the item (\w+)")
    by = {"up": [0, -30], "down": [0, 30], "left": [-30, 0], "right": [30, 0]}[way]
    target = shapes(agent)[0]["n"] if shapes(agent) else agent.number(r"\w+")
    await agent.do("drag", target=target, by=[by])
    await agent.read()
    await agent.submit()


async def drag_shapes(agent: Agent) -> None:
    (kind,) = agent.said(r"Drag all (\w+?)s into the black box")
    found = shapes(agent)
    box = max(found, key=lambda one: one["size"])
    for i, one in enumerate([one for one in found if one is not box and fits(one, kind)]):
        await agent.do("drag", target=one["n"], by=[[box["x"] - one["x"] + 14 * (i - 1), box["y"] - one["y"]]])
    await agent.submit()


async def highlight_text(agent: Agent) -> None:
    await agent.do("click", target="#randomText", count=3)
    await agent.read()
    await agent.submit()


async def resize_textarea(agent: Agent) -> None:
    how, side = ("larger" in agent.text or "greater" in agent.text, "width" in agent.text)
    by = 25 if how else -25
    await agent.do("drag", target=".ui-resizable-se", by=[[by if side else 0, 0 if side else by]])
    await agent.read()
    await agent.submit()
