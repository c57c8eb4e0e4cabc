"""MiniWoB++ tasks through the browser tools' text alone, by scripted policies: how much the text lets one do.

    pip install miniwob
    python -m benchmarks.browser_miniwob [--seeds 3] [--folder PATH]

A policy gets the text of browser_read and calls tools; only the reward is read from the page's own variables.
"""

import argparse
import asyncio
import calendar
import json
import re
import tempfile
import time
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.browser_vs_peers import glasshouse, served
from tools.browser import kit
from tools.browser.session import Session

START = "seed => { core.EPISODE_MAX_TIME = 600000; Math.seedrandom(seed); core.startEpisodeReal(); }"
REWARD = "() => [WOB_DONE_GLOBAL, WOB_RAW_REWARD_GLOBAL]"


class Agent:
    """The tools, as a policy uses them."""

    def __init__(self, run: Callable[..., Awaitable[str]]) -> None:
        self.do = run
        self.text = ""

    async def read(self) -> str:
        self.text = await self.do("read")
        return self.text

    def number(self, pattern: str) -> int:
        """The number of the first element whose line fits."""
        found = re.search(rf"\[(\d+)\] {pattern}", self.text)
        if not found:
            raise LookupError(f"nothing fits {pattern!r} in:\n{self.text}")
        return int(found[1])

    def said(self, pattern: str) -> tuple[str, ...]:
        """The groups of a pattern in the text."""
        found = re.search(pattern, self.text)
        if not found:
            raise LookupError(f"nothing fits {pattern!r} in:\n{self.text}")
        return found.groups()

    async def click(self, pattern: str) -> str:
        return await self.do("click", target=self.number(pattern))

    async def type(self, pattern: str, text: str) -> str:
        return await self.do("type", target=self.number(pattern), text=text)

    async def click_after(self, pattern: str) -> str:
        """Click the first element after a text."""
        found = re.search(rf"{pattern}\[(\d+)\]", self.text)
        if not found:
            raise LookupError(f"nothing fits {pattern!r} in:\n{self.text}")
        return await self.do("click", target=int(found[1]))

    async def submit(self) -> str:
        return await self.click('button "(?i:submit|search|login|ok)"')


async def click_quoted(agent: Agent) -> None:
    """Tasks that name in quotes what is to be clicked."""
    (name,) = agent.said(r'[Cc]lick (?:on )?(?:the )?(?:tab |link )?"([^"]+)"')
    await agent.click(rf'\w+ "{re.escape(name)}"')


async def click_test(agent: Agent) -> None:
    await agent.click('button "Click Me!"')


async def click_test_2(agent: Agent) -> None:
    await agent.click('button "ONE"')


async def click_tab(agent: Agent) -> None:
    (name,) = agent.said(r"Click on (Tab #\d+)")
    await agent.click(f'link "{name}"')


async def click_dialog(agent: Agent) -> None:
    await agent.click('button "Close"')


async def enter_text(agent: Agent) -> None:
    (text,) = agent.said(r'Enter "([^"]*)" into the text field')
    await agent.type("textbox", text)
    await agent.submit()


async def enter_text_2(agent: Agent) -> None:
    text, case = agent.said(r'Type "([^"]*)" in all (lower|upper) case')
    await agent.type("textbox", text.lower() if case == "lower" else text.upper())
    await agent.submit()


async def enter_password(agent: Agent) -> None:
    (text,) = agent.said(r'Enter the password "([^"]*)"')
    for n in re.findall(r"\[(\d+)\] password", agent.text):
        await agent.do("type", target=int(n), text=text)
    await agent.submit()


async def login_user(agent: Agent) -> None:
    user, password = agent.said(r'username "([^"]*)" and the password "([^"]*)"')
    await agent.type("textbox", user)
    await agent.type("password", password)
    await agent.submit()


async def focus_text(agent: Agent) -> None:
    await agent.click("textbox")


async def focus_text_2(agent: Agent) -> None:
    (place,) = agent.said(r"Focus into the (\d)")
    await agent.do("click", target=int(re.findall(r"\[(\d+)\] textbox", agent.text)[int(place) - 1]))


async def click_checkboxes(agent: Agent) -> None:
    (names,) = agent.said(r"Select (.*) and click Submit")
    for name in [] if names.startswith("nothing") else names.split(", "):
        await agent.click(rf'checkbox "{re.escape(name)}"')
    await agent.submit()


async def click_option(agent: Agent) -> None:
    (name,) = agent.said(r"Select (.*) and click Submit")
    await agent.click(rf'radio "{re.escape(name)}"')
    await agent.submit()


async def choose_list(agent: Agent) -> None:
    (name,) = agent.said(r"Select (.*) from the list")
    await agent.do("select", target=agent.number("combobox"), values=[name])
    await agent.submit()


async def click_collapsible(agent: Agent) -> None:
    await agent.click(r'tab "')
    await agent.do("wait", seconds=0.6)
    await agent.read()
    await agent.submit()


async def click_widget(agent: Agent) -> None:
    (kind,) = agent.said(r'Click on a "([^"]*)" widget')
    lines = {"text": r"textbox (?!.*multiline)", "textarea": r"textbox .*multiline"}
    await agent.click(lines.get(kind, rf"{kind}\b"))


async def click_dialog_2(agent: Agent) -> None:
    (name,) = agent.said(r'button in the dialog box labeled "([^"]+)"')
    await agent.click(rf'button "{re.escape(name) if name != "x" else "(?:Close|x)"}"')


async def click_tab_2(agent: Agent) -> None:
    (name,) = agent.said(r'click on the link "([^"]+)"')
    for tab in re.findall(r'\[(\d+)\] link "(?:Tab #)?\d"', agent.text):
        await agent.do("click", target=int(tab))
        await agent.read()
        if re.search(rf'clickable "{re.escape(name)}"', agent.text):
            await agent.click(rf'clickable "{re.escape(name)}"')
            return


async def click_menu(agent: Agent) -> None:
    (path,) = agent.said(r"Select (.+)")
    for name in path.split(">"):
        await agent.do("hover", target=agent.number(rf'menuitem "{re.escape(name.strip())}'))
        await agent.do("wait", seconds=0.5)
        await agent.read()
    await agent.click(rf'menuitem "{re.escape(path.split(">")[-1].strip())}"')


async def click_menu_2(agent: Agent) -> None:
    await agent.click('button "Menu"')
    await agent.read()
    wanted = agent.said(r'(?:labeled|with the) (?:icon )?"([^"]+)"')[0]
    (path,) = [wanted]
    await agent.click(rf'menuitem ".*{re.escape(path)}"')


async def click_sequence(agent: Agent) -> None:
    await agent.click('button "ONE"')
    await agent.click('button "TWO"')


async def ascending(agent: Agent) -> None:
    numbers = sorted(re.findall(r'\[(\d+)\] text "(\d+)"', agent.text), key=lambda found: int(found[1]))
    for n, _ in numbers:
        await agent.do("click", target=int(n))


async def buy_ticket(agent: Agent) -> None:
    (wanted,) = agent.said(r"Buy the ticket with the (.+)\.")
    offers = re.findall(r'Duration:\n(\d+)h (\d+)m\n\*?\[(\d+)\] button "Book for \$(\d+)"', agent.text)
    minutes = {n: int(hours) * 60 + int(more) for hours, more, n, _ in offers}
    costs = {n: int(cost) for _, _, n, cost in offers}
    worth = minutes if "duration" in wanted else costs
    pick = min if re.search("shortest|cheapest|lowest", wanted) else max
    await agent.do("click", target=int(pick(worth, key=lambda n: worth[n])))


COLOURS = {"red": "#ff0000", "lime": "#00ff00", "blue": "#0000ff", "cyan": "#00ffff", "magenta": "#ff00ff", "yellow": "#ffff00",
           "black": "#000000", "white": "", "grey": "#808080", "gray": "#808080", "orange": "#ffa500", "olive": "#808000",
           "purple": "#800080", "pink": "#ffc0cb", "green": "#008000", "aqua": "#00ffff"}  # fmt: skip


async def click_color(agent: Agent) -> None:
    shown = re.search(r"Click on the (\w+) colored", re.sub(r'\*?\[\d+\] clickable "[^"]*" ', "", agent.text))
    if shown:
        colour = COLOURS[shown[1]]
    else:
        (colour,) = agent.said(r'Click on the \*?\[\d+\] clickable "\.color ?([^"]*)"')
    boxes = re.findall(r'\[(\d+)\] clickable "\.color ?([^"]*)"', agent.text.partition("colored box.")[2])
    await agent.do("click", target=int(next(n for n, ink in boxes if ink == colour)))


async def click_shades(agent: Agent) -> None:
    (wanted,) = agent.said(r"shades of (red|green|blue)")
    at = ("red", "green", "blue").index(wanted)
    for n, ink in re.findall(r'\[(\d+)\] clickable "#([0-9a-f]{6})"', agent.text):
        parts = [int(ink[i : i + 2], 16) for i in (0, 2, 4)]
        if parts[at] == max(parts):
            await agent.do("click", target=int(n))
    await agent.submit()


SHAPE = re.compile(
    r'\[(\d+)\] (?:(circle|rect|polygon) "|text "(\w)" )(#\w+) (\d+)×(\d+) at ([\d-]+),([\d-]+)(?:, (\d) corners)?'
)


def shapes(agent: Agent) -> list[dict[str, Any]]:
    """The shapes of a drawing, as the text tells of them."""
    found = []
    for n, tag, sign, ink, _, height, x, y, corners in SHAPE.findall(agent.text):
        kind = {"circle": "circle", "rect": "rectangle", "polygon": "triangle"}.get(tag) or (
            "digit" if sign.isdigit() else "letter"
        )
        found.append(
            {
                "n": int(n),
                "kind": kind,
                "sign": sign,
                "ink": ink,
                "size": int(height),
                "x": int(x),
                "y": int(y),
                "corners": corners,
            }
        )
    return found


def fits(shape: dict[str, Any], text: str, *, large: int = 15) -> bool:
    """Whether a shape is what a text such as "a large red triangle" or "small 4s" means."""
    words = re.findall(r"[A-Za-z0-9]+", text)
    for word in words:
        name = word.lower().removesuffix("s") if len(word) > 2 else word.removesuffix("s")
        if name in ("circle", "rectangle", "triangle", "letter", "digit"):
            if shape["kind"] != name:
                return False
        elif name in COLOURS:
            if shape["ink"] != COLOURS[name]:
                return False
        elif name in ("large", "small"):
            if (shape["size"] >= large) != (name == "large"):
                return False
        elif len(name) == 1 and name != "a" and shape["sign"] != name:
            return False
    return True


async def click_shape(agent: Agent) -> None:
    (wanted,) = agent.said(r"Click on an? (.+)")
    words = wanted.replace("item", "")
    await agent.do("click", target=next(one["n"] for one in shapes(agent) if fits(one, words)))


async def count_shape(agent: Agent) -> None:
    (wanted,) = agent.said(r"How many (.+?)s? are there")
    count = sum(fits(one, wanted.replace("item", "")) for one in shapes(agent))
    await agent.click(f'button "{count}"')


async def identify_shape(agent: Agent) -> None:
    if drawn := re.search(r"\(drawing: (circle|rect|polygon)", agent.text):
        kind = {"circle": "Circle", "rect": "Rectangle", "polygon": "Triangle"}[drawn[1]]
    else:
        kind = "Number" if re.search(r'text "\d|\n\d\n', agent.text) else "Letter"
    await agent.click(f'button "{kind}"')


async def grid_coordinate(agent: Agent) -> None:
    x, y = map(int, agent.said(r"coordinate \((-?\d+),(-?\d+)\)"))
    await agent.do(
        "click", target=next(s["n"] for s in shapes(agent) if (s["x"], s["y"]) == (75 + 30 * x, 75 - 30 * y))
    )


async def find_midpoint(agent: Agent) -> None:
    one, two = [shape for shape in shapes(agent) if shape["kind"] == "circle"][:2]
    await agent.do("click", target="#svg-grid", at=[(one["x"] + two["x"]) / 2, (one["y"] + two["y"]) / 2])
    await agent.read()
    await agent.submit()


async def circle_center(agent: Agent) -> None:
    circle = next(shape for shape in shapes(agent) if shape["kind"] == "circle")
    await agent.do("click", target=circle["n"])
    await agent.read()
    await agent.submit()


async def click_scroll_list(agent: Agent) -> None:
    (names,) = agent.said(r"Select (.*) from the scroll list")
    await agent.do("select", target=agent.number("listbox"), values=names.split(", "))
    await agent.submit()


async def copy_paste(agent: Agent) -> None:
    number = re.search(r"from the (\d)", agent.text)
    values = re.findall(r'textbox "[^"]*" value=("(?:[^"\\]|\\.)*") \(multiline', agent.text)
    text = json.loads(values[int(number[1]) - 1 if number else 0])
    if text.endswith("…"):
        n = re.findall(r"\[(\d+)\] textbox", agent.text)[int(number[1]) - 1 if number else 0]
        whole = await agent.do("read", scope=int(n))
        text = json.loads(re.findall(r'value=("(?:[^"\\]|\\.)*")', whole)[0])
    await agent.do("type", target="#answer-input", text=text)
    await agent.submit()


async def find_word(agent: Agent) -> None:
    place, words = agent.said(r"Find the (\d+)\w+ word in the paragraph.*\n(.+)")
    await agent.type("textbox", re.sub(r"[.,?]", "", words.split()[int(place) - 1]))
    await agent.submit()


async def form_sequence(agent: Agent) -> None:
    value, place = agent.said(r"Select (-?\d+) with the slider, click the (\d)\w+ checkbox")
    handle = agent.number(r'clickable "\.ui-slider-handle')
    await agent.do("click", target=handle)
    await agent.read()
    now = int(re.findall(r"\n(-?\d+)\n", agent.text)[0])
    step = "ArrowRight" if int(value) > now else "ArrowLeft"
    if int(value) != now:
        await agent.do("press", keys=" ".join([step] * abs(int(value) - now)))
    await agent.do("click", target=int(re.findall(r"\[(\d+)\] checkbox", agent.text)[int(place) - 1]))
    await agent.submit()


async def form_sequence_2(agent: Agent) -> None:
    radio, number, box = agent.said(
        r'Check the (\d)\w+ radio button and enter the number "(-?\d+)" into the (\d)\w+ textbox'
    )
    await agent.do("click", target=int(re.findall(r"\[(\d+)\] radio", agent.text)[int(radio) - 1]))
    await agent.do("type", target=int(re.findall(r"\[(\d+)\] textbox", agent.text)[int(box) - 1]), text=number)
    await agent.submit()


async def form_sequence_3(agent: Agent) -> None:
    option, button = agent.said(r'Choose (.+?) from the dropdown, then click the button labeled "([^"]+)"')
    await agent.do("select", target=agent.number("combobox"), values=[option])
    await agent.click(f'button "{button}"')


async def navigate_tree(agent: Agent) -> None:
    (name,) = agent.said(r'folder or file named "([^"]+)"')
    for _ in range(12):
        if re.search(rf'\[\d+\] clickable "{re.escape(name)}"', agent.text):
            hits = re.findall(rf'\[(\d+)\] clickable "{re.escape(name)}"', agent.text)
            await agent.do("click", target=int(hits[-1]))
            return
        closed = re.findall(r'\[(\d+)\] clickable "\.hitarea\.[^"]*expandable-hitarea', agent.text)
        if not closed:
            return
        await agent.do("click", target=int(closed[0]))
        await agent.do("wait", seconds=0.4)
        await agent.read()


async def sign_agreement(agent: Agent) -> None:
    if "Click the cancel button" in agent.text:
        await agent.click('button "Cancel"')
        return
    name, button = agent.said(r'enter the name "([^"]+)" then press "([^"]+)"')
    await agent.do("scroll", target="#text-area", to="bottom")
    await agent.read()
    await agent.do("type", target="Name", text=name)
    await agent.read()
    await agent.click(f'button "{button}"')


async def scroll_text(agent: Agent) -> None:
    await agent.do("scroll", target="#text-area", to="bottom" if "bottom" in agent.text else "top")
    await agent.read()
    await agent.submit()


async def scroll_text_last_word(agent: Agent) -> None:
    n = agent.number(r'textbox "[^"]*" value=')
    whole = await agent.do("read", scope=n)
    text = json.loads(re.findall(r'value=("(?:[^"\\]|\\.)*")', whole)[0])
    await agent.do("type", target="#answer-input", text=re.sub(r"[.,?]", "", text.split()[-1]))
    await agent.submit()


async def autocomplete(agent: Agent) -> None:
    begin, end = agent.said(r'item that starts with "([^"]+)"(?: and ends with "([^"]+)")?')
    await agent.type("textbox", begin)
    await agent.do("wait", seconds=1)
    await agent.read()
    options = re.findall(r'\[(\d+)\] (?:menuitem|clickable|option) "([^"]+)"', agent.text)
    n = next(n for n, text in options if text.startswith(begin) and text.endswith(end or ""))
    await agent.do("click", target=int(n))
    await agent.submit()


async def slider(agent: Agent) -> None:
    wanted = re.findall(r"-?\d+", agent.said(r"(?:combination|Select) (\[[^\]]+\]|-?\d+)")[0])
    for i, value in enumerate(wanted):
        handles = re.findall(r'\[(\d+)\] clickable "\.ui-slider-handle', agent.text)
        await agent.do("click", target=int(handles[i]))
        await agent.do("press", keys="Home")
        await agent.read()
        low = int(re.findall(r"(?m)^(-?\d+)$", agent.text)[i])
        if int(value) > low:
            await agent.do("press", keys=" ".join(["ArrowRight"] * (int(value) - low)))
        await agent.read()
    await agent.submit()


async def spinner(agent: Agent) -> None:
    (value,) = agent.said(r"Select (-?\d+) with the spinner")
    up, down = re.findall(r'\[(\d+)\] button "\.ui-button', agent.text)
    for _ in range(abs(int(value))):
        await agent.do("click", target=int(up if int(value) > 0 else down))
    await agent.submit()


async def colorwheel(agent: Agent) -> None:
    (name,) = agent.said(r"Select (\w+) with the color picker")
    await agent.do("type", target=agent.number('textbox "\\.jscolor"'), text=(COLOURS[name] or "#ffffff")[1:])
    await agent.read()
    await agent.submit()


async def enter_date(agent: Agent) -> None:
    month, day, year = agent.said(r"Enter (\d+)/(\d+)/(\d+) as the date")
    await agent.type("date", f"{year}-{month}-{day}")
    await agent.submit()


async def enter_time(agent: Agent) -> None:
    hour, minute, half = agent.said(r"Enter (\d+):(\d+) (AM|PM) as the time")
    await agent.type("time", f"{int(hour) % 12 + 12 * (half == 'PM'):02}:{minute}")
    await agent.submit()


async def choose_date(agent: Agent) -> None:
    month, day, year = map(int, agent.said(r"Select (\d+)/(\d+)/(\d+) as the date"))
    await agent.click("textbox")
    months = list(calendar.month_name)[1:]
    for _ in range(14):
        await agent.do("wait", seconds=0.3)
        await agent.read()
        shown, shown_year = agent.said(rf"({'|'.join(months)}) ?\n?(\d{{4}})")
        away = (year - int(shown_year)) * 12 + month - 1 - months.index(shown)
        if not away:
            break
        await agent.click(f'(?:link|clickable) "{"Next" if away > 0 else "Prev"}"')
    await agent.click(rf'link "{day}"')
    await agent.read()
    await agent.submit()


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
    await agent.do("drag", target=agent.text.split("\n")[2][:18], at=[0, 2], by=[[60, 10], [95, 80]])
    await agent.read()
    await agent.submit()


async def resize_textarea(agent: Agent) -> None:
    how, side = ("larger" in agent.text or "greater" in agent.text, "width" in agent.text)
    by = 25 if how else -25
    await agent.do("drag", target=".ui-resizable-se", by=[[by if side else 0, 0 if side else by]])
    await agent.read()
    await agent.submit()


async def email(agent: Agent) -> None:
    given = agent.said(r"email by (\w+)")[0]
    card = re.search(
        rf'\[(\d+)\] clickable "{given} [^"]*"(?:.|\n)*?\[(\d+)\] clickable "\.trash"\n\*?\[(\d+)\] clickable "\.star"',
        agent.text,
    )
    assert card
    task = agent.text.split("\n")[1]
    if "delete" in task or "trash" in task:
        await agent.do("click", target=int(card[2]))
    elif "star" in task or "important" in task:
        await agent.do("click", target=int(card[3]))
    else:
        await agent.do("click", target=int(card[1]))
        await agent.do("wait", seconds=0.5)
        await agent.read()
        reply = re.search(r'reply to them with the text "([^"]+)"', task)
        await agent.do("click", target=".email-reply" if reply else ".email-forward")
        await agent.do("wait", seconds=0.5)
        await agent.read()
        if reply:
            await agent.do("type", target="#reply-text", text=reply[1])
            await agent.do("click", target="#send-reply")
        else:
            await agent.do("type", target=".forward-sender", text=re.findall(r"to (\w+)\.", task)[0])
            await agent.do("click", target="#send-forward")


async def order_food(agent: Agent) -> None:
    task = agent.text.split("\n")[1]
    dishes = re.findall(
        r'\n([A-Z][^\n]+)\n((?:\(image "[^"]+"\) ?)+)\n\*?\[\d+\] clickable "-" \*?\[(\d+)\] clickable "\+"', agent.text
    )
    kind = re.search(r"Order (\d+) items? that (?:are|is|contains?) ([\w-]+)", task)
    if kind:
        picked = [n for _, about, n in dishes if kind[2].rstrip("s") in about][: int(kind[1])]
    else:
        wanted = re.findall(r"one of each item: (.+)\.", task)[0].split(", ")
        picked = [n for name, _, n in dishes if name in wanted]
    for n in picked:
        await agent.do("click", target=int(n))
    await agent.click('button "Order!"')


async def phone_book(agent: Agent) -> None:
    name, field = agent.said(r"Find (\w+) in the contact book and click on their ([\w ]+)\.")
    label = {"phone number": "Phone", "email": "Email", "address": "Address"}[field]
    for _ in range(15):
        if f"## {name}\n" in agent.text:
            await agent.click_after(rf"{label}: \*?")
            return
        await agent.click('link ">"')
        await agent.read()


async def read_table(agent: Agent) -> None:
    wanted = agent.said(r"Enter the value of (?:the )?(.+?) into the text field")[0]
    (value,) = agent.said(rf"(?m)^{re.escape(wanted)} \| (.+)$")
    await agent.type("textbox", value)
    await agent.submit()


async def simple_arithmetic(agent: Agent) -> None:
    a, op, b = agent.said(r"(-?\d+) ?([-+x*]) ?(-?\d+) ?=")
    result = {"+": int(a) + int(b), "-": int(a) - int(b)}.get(op, int(a) * int(b))
    await agent.type("textbox", str(result))
    await agent.submit()


async def text_transform(agent: Agent) -> None:
    text = agent.text.split("\n")[2]
    await agent.type("textbox", text)
    await agent.submit()


async def social_media(agent: Agent) -> None:
    user, action = agent.said(r'For the user (@\w+), click on the "([^"]+)" button')
    kind = {"Reply": "reply", "Retweet": "retweet", "Like": "like", "More": "more"}.get(action)
    part = agent.text[agent.text.index(user, agent.text.index(action) + len(action)) :]
    if kind:
        found = re.search(rf'\[(\d+)\] clickable "\.{kind}', part)
        assert found
        await agent.do("click", target=int(found[1]))
        return
    found = re.search(r'\[(\d+)\] clickable "\.more', part)
    assert found
    await agent.do("click", target=int(found[1]))
    await agent.read()
    await agent.do("click", target=re.sub(r"\s", " ", action))


async def terminal(agent: Agent) -> None:
    end = re.search(r"ending with the extension (\.\w+)", agent.text)
    await agent.do("press", keys="l s Enter")
    await agent.read()
    files = agent.text.partition("user$ ls")[2].partition("user$")[0].split()
    name = next((one for one in files if (one.endswith(end[1]) if end else "." not in one)), "")
    await agent.do("press", keys=" ".join(["r", "m", "Space", *name, "Enter"]))


POLICIES = {
    "click-test": click_test, "click-test-2": click_test_2, "click-button": click_quoted, "click-link": click_quoted,
    "click-tab": click_tab, "click-dialog": click_dialog, "click-checkboxes": click_checkboxes,
    "click-checkboxes-transfer": click_checkboxes, "click-option": click_option, "choose-list": choose_list,
    "enter-text": enter_text, "enter-text-2": enter_text_2, "enter-password": enter_password, "login-user": login_user,
    "focus-text": focus_text, "focus-text-2": focus_text_2, "click-collapsible": click_collapsible,
    "click-widget": click_widget, "unicode-test": click_quoted,
    "click-checkboxes-large": click_checkboxes, "click-test-transfer": click_test, "click-dialog-2": click_dialog_2,
    "click-tab-2": click_tab_2, "click-tab-2-hard": click_tab_2, "click-menu": click_menu,
    "click-button-sequence": click_sequence, "ascending-numbers": ascending, "buy-ticket": buy_ticket,
    "click-color": click_color, "click-shades": click_shades, "click-shape": click_shape, "count-shape": count_shape,
    "identify-shape": identify_shape, "grid-coordinate": grid_coordinate, "find-midpoint": find_midpoint,
    "circle-center": circle_center, "click-scroll-list": click_scroll_list, "copy-paste": copy_paste,
    "copy-paste-2": copy_paste, "find-word": find_word, "form-sequence": form_sequence,
    "form-sequence-2": form_sequence_2, "form-sequence-3": form_sequence_3, "navigate-tree": navigate_tree,
    "sign-agreement": sign_agreement, "scroll-text-2": scroll_text, "scroll-text": scroll_text_last_word,
    "use-autocomplete": autocomplete, "use-slider": slider, "use-slider-2": slider, "use-spinner": spinner,
    "use-colorwheel": colorwheel, "enter-date": enter_date, "enter-time": enter_time, "choose-date": choose_date,
    "drag-box": drag_box, "drag-items": drag_items, "drag-sort-numbers": sort_numbers,
    "drag-single-shape": drag_single_shape, "drag-shapes": drag_shapes, "highlight-text": highlight_text,
    "resize-textarea": resize_textarea, "email-inbox": email, "order-food": order_food, "phone-book": phone_book,
    "read-table": read_table, "simple-arithmetic": simple_arithmetic, "text-transform": text_transform,
    "social-media": social_media, "terminal": terminal,
}  # fmt: skip


async def play(agent: Agent, session: Session, task: str, seed: int) -> tuple[bool, str]:
    """One episode: whether its reward was positive, and what went wrong."""
    await session.tab.page.evaluate(START, f"{task}-{seed}")
    await agent.read()
    try:
        await POLICIES[task](agent)
    except (LookupError, AssertionError, StopIteration, ValueError) as error:
        return False, str(error)
    done, reward = await session.tab.page.evaluate(REWARD)
    return bool(done and reward > 0), "" if done else f"not done; text:\n{agent.text}"


async def main() -> None:
    """Play all tasks and say what was solved."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tasks", default="", help="only tasks whose name contains this")
    parser.add_argument("--folder", type=Path, help="MiniWoB++'s html folder; default: that of the installed package")
    options = parser.parse_args()
    folder = options.folder
    if folder is None and (spec := find_spec("miniwob")):
        folder = Path(str(spec.origin)).parent / "html"
    if folder is None:
        raise SystemExit("MiniWoB++ is not there: pip install miniwob, or say --folder.")
    solved, played, start = 0, 0, time.perf_counter()
    with tempfile.TemporaryDirectory() as data, served(folder) as port:
        async with glasshouse(Path(data), port) as tool:

            async def run(name: str, **given: Any) -> str:
                used = kit.tools[f"browser_{name}"]
                result = await tool._kits.run("sesn_a", kit, used, given, f"sevt_{time.time_ns()}")
                return "".join(getattr(block, "text", "") for block in result.content)

            agent = Agent(run)
            for task in [name for name in POLICIES if options.tasks in name]:
                await run("goto", url=f"http://127.0.0.1:{port}/miniwob/{task}.html")
                state = tool._kits.slot("sesn_a", "browser").state
                assert state
                session: Session = await state.open()
                wins = [await play(agent, session, task, seed) for seed in range(options.seeds)]
                played += len(wins)
                solved += sum(won for won, _ in wins)
                print(f"{task}: {sum(won for won, _ in wins)}/{len(wins)}", *[why for _, why in wins if why][:1])
    print(f"\n{solved} of {played} episodes of {len(POLICIES)} tasks solved in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    asyncio.run(main())
