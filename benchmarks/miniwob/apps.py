"""Policies for tasks that are small applications."""

import re
from itertools import cycle, islice

from benchmarks.miniwob.agent import Agent


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
        fitting = [n for _, about, n in dishes if kind[2].rstrip("s") in about]
        picked = list(islice(cycle(fitting), int(kind[1])))
    else:
        wanted = re.findall(r"one of each item: ([^.]+)", task)[0].split(", ")
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
    end = re.search(r"ending with the extension (\.[\w.]*\w)", agent.text)
    await agent.click('clickable "terminal')
    await agent.do("press", keys="l s Enter")
    await agent.read()
    files = agent.text.partition("user$ ls")[2].partition("user$")[0].split()
    name = next((one for one in files if (one.endswith(end[1]) if end else "." not in one)), "")
    await agent.do("press", keys=" ".join(["r", "m", "Space", *name, "Enter"]))
