"""The first turn: read the shelf, choose in the REPL, fill the basket, check the sum, write it all up."""

import json
import re
from dataclasses import dataclass

from glasshouse.emulator.demo import reading, report
from glasshouse.emulator.demo.hands import CHOICE, NUMBER_FIELD, Stuck, compute, touch, use
from glasshouse.emulator.demo.reading import Item
from glasshouse.emulator.story import ScriptedAgent

BUDGET = 90  # euros
COUNTRY = "Denmark"
NEEDED = frozenset(
    (
        *("browser_goto", "browser_read", "browser_click", "browser_type", "browser_select", "browser_screenshot"),
        *("js_repl", "js_list_symbols", "page_set_html", "page_add_block", "page_set_style"),
    )
)

_CHOOSE = """
const shelf = {shelf};
const inStock = shelf.filter(item => !item.soldOut);
const mean = shelf.reduce((sum, item) => sum + item.price, 0) / shelf.length;
let best = null;
for (const first of inStock) for (const other of inStock) {{
  const cost = 2 * first.price + other.price;
  if (first === other || cost > {budget} || cost <= best?.cost) continue;
  best = {{ first: first.name, other: other.name, cost }};
}}
console.log(JSON.stringify({{ ...best, mean }}));
"""
_CHECK = """
const price = name => shelf.find(item => item.name === name).price;
const goods = 2 * price(best.first) + price(best.other);
const expected = Math.round(100 * (goods + {shipping})) / 100;
console.log(JSON.stringify({{ expected, agrees: Math.abs(expected - {total}) < 0.005 }}));
"""


@dataclass(frozen=True)
class Choice:
    first: str  # two of this
    other: str  # and one of that
    mean: float

    @property
    def names(self) -> tuple[str, str]:
        return self.first, self.other


async def tour(agent: ScriptedAgent) -> None:
    if missing := sorted(NEEDED - agent.tools):
        await agent.say(f"I would show you round, but this session's agent has no {', '.join(missing)}.")
        return
    await agent.think()
    await agent.say(
        "I'll look for a present in the Fern & Kiln shop: two of one thing and one of another, "
        f"as close to €{BUDGET} as I can get, posted to {COUNTRY}. I'll write it up on the page as I go."
    )
    try:
        summary = await _shop(agent)
    except Stuck as stuck:
        await agent.say(f"I have to stop here. The tool told me: {stuck}")
        return
    await agent.say(summary)


async def _shop(agent: ScriptedAgent) -> str:
    shelf = await _read_shelf(agent)
    choice = await _choose(agent, shelf)
    weights = {name: await _put_in_basket(agent, name) for name in choice.names}
    await use(agent, "page_set_html", selector="#shelf-box", html=report.shelf(shelf, choice.names))
    added = report.choice(choice.names, choice.mean, weights)
    await use(agent, "page_add_block", anchor="#content", position="append", html=added)
    return await _check_out(agent, choice)


async def _read_shelf(agent: ScriptedAgent) -> list[Item]:
    opened, _ = await agent.call_all(
        [
            ("browser_goto", {"url": f"{agent.options['shop_url']}/"}),
            ("page_set_html", {"selector": "#hero", "html": report.opening(BUDGET, COUNTRY)}),
        ]
    )
    if opened.is_error:
        raise Stuck(opened.text)
    shelf = reading.items((await use(agent, "browser_read")).text)
    if len(shelf) < 2:
        raise Stuck("I could not read any prices on the shop's front page.")
    await use(agent, "page_set_style", css=report.STYLE, id="report")
    first_look = f'<div id="shelf-box">{report.shelf(shelf, ())}</div>'
    await use(agent, "page_set_html", selector="#content", html=first_look)
    return shelf


async def _choose(agent: ScriptedAgent, shelf: list[Item]) -> Choice:
    await agent.say(f"There are {len(shelf)} things on the shelf. Let me try every pair.")
    listed = json.dumps([item.json() for item in shelf])
    found = await compute(agent, _CHOOSE.format(shelf=listed, budget=BUDGET))
    if "first" not in found:
        raise Stuck(f"Nothing on the shelf fits into €{BUDGET}.")
    choice = Choice(found["first"], found["other"], found["mean"])
    cost = found["cost"]
    await agent.say(f"Two of {choice.first} and one {choice.other} make €{cost:.2f}. Into the basket with them.")
    return choice


async def _put_in_basket(agent: ScriptedAgent, name: str) -> int:
    """Find a thing in the shop and add one of it; answers its weight in grams."""
    front = await use(agent, "browser_goto", url=f"{agent.options['shop_url']}/", read=True)
    page = await touch(agent, "browser_click", "link", name, seen=front)
    if reading.grams(page.text) is None:
        page = await use(agent, "browser_read")
    await touch(agent, "browser_click", "button", "Add to basket", seen=page)
    return reading.grams(page.text) or 0


async def _check_out(agent: ScriptedAgent, choice: Choice) -> str:
    basket = await use(agent, "browser_read")
    if basket.target(NUMBER_FIELD, f"Quantity of {re.escape(choice.other)}") is None:
        raise Stuck(f"{choice.other} is not in the basket.")
    await touch(agent, "browser_type", NUMBER_FIELD, f"Quantity of {choice.first}", seen=basket, text="2")
    await touch(agent, "browser_select", CHOICE, "Country", seen=basket, values=[COUNTRY])
    await touch(agent, "browser_click", "button", "Update basket", seen=basket)
    page = (await use(agent, "browser_read")).text
    subtotal, shipping, total = (reading.amount(page, label) for label in ("Subtotal", "Shipping", r"\bTotal"))
    if subtotal is None or shipping is None or total is None:
        raise Stuck("The basket shows no total.")
    await use(agent, "browser_screenshot")
    sums = await compute(agent, _CHECK.format(shipping=shipping, total=total))
    await use(agent, "js_list_symbols")
    lines = [("Two of one, one of the other", subtotal), (f"Postage to {COUNTRY}", shipping), ("Together", total)]
    await use(agent, "page_add_block", anchor="#content", position="append", html=report.bill(lines))
    verdict = report.check(agrees=sums["agrees"], expected=sums["expected"], total=total)
    await use(agent, "page_add_block", anchor="#bill", position="append", html=verdict)
    agrees = "my own sum agrees" if sums["agrees"] else "my own sum does not agree, so look twice"
    return (
        f"Done: two of {choice.first} and one {choice.other} come to €{total:.2f} with postage to {COUNTRY}, "
        f"and {agrees}. "
        "The report is on the page, and the REPL still has `shelf` and `best`. What next? "
        "Try `run shelf.length`, `open <url>` or `set title <text>`."
    )
