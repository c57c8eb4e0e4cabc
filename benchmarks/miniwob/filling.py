"""Policies for tasks that fill fields, choose, and scroll."""

import calendar
import json
import re

from benchmarks.miniwob.agent import COLOURS, Agent


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
    said = await agent.do("select", target=agent.number("combobox"), values=[option])
    if "covered by <li" in said:  # the list that stands for it has opened, and lies over the buttons
        await agent.do("press", keys="Escape")
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
