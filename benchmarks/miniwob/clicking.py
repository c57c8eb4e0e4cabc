"""Policies for tasks that are clicked."""

import re

from benchmarks.miniwob.agent import COLOURS, Agent, fits, shapes


async def click_quoted(agent: Agent) -> None:
    """Tasks that name in quotes what is to be clicked."""
    (name,) = agent.said(r'[Cc]lick (?:on )?(?:the )?(?:tab |link )?"([^"]+)"')
    await agent.click(rf'\w+ "{re.escape(name)}"')


async def click_test(agent: Agent) -> None:
    await agent.click('button "Click Me!"')


async def click_test_transfer(agent: Agent) -> None:
    await agent.click(f'button "{agent.said(r"Click button (.+)[.]")[0]}"')


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
    numbers = re.findall(r'text "(\d+)" #\w+ \S+ at (\d+),(\d+)', agent.text)
    places = {int(number): (int(x), int(y)) for number, x, y in numbers}  # the numbers go away with the first click
    for number in sorted(places):
        x, y = places[number]
        near = re.findall(r'\[(\d+)\] (?:text "\d+"|rect ")[^\[]*? at (\d+),(\d+)', agent.text)
        n, _, _ = min(near, key=lambda one: abs(int(one[1]) - x) + abs(int(one[2]) - y))
        await agent.do("click", target=int(n))
        await agent.read()


async def buy_ticket(agent: Agent) -> None:
    (wanted,) = agent.said(r"Buy the ticket with the (.+)\.")
    offers = re.findall(r'Duration:\n(\d+)h (\d+)m\n\*?\[(\d+)\] button "Book for \$(\d+)"', agent.text)
    minutes = {n: int(hours) * 60 + int(more) for hours, more, n, _ in offers}
    costs = {n: int(cost) for _, _, n, cost in offers}
    worth = minutes if "duration" in wanted else costs
    pick = min if re.search("shortest|cheapest|lowest", wanted) else max
    await agent.do("click", target=int(pick(worth, key=lambda n: worth[n])))


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
        kind = "Number" if re.search(r'(?:text|clickable) "\d|\n\d\n', agent.text) else "Letter"
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
