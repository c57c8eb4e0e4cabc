"""MiniWoB++ tasks through the browser tools' text alone, by scripted policies: how much the text lets one do.

    pip install miniwob
    python -m benchmarks.browser_miniwob [--seeds 3] [--folder PATH]

A policy gets the text of browser_read and calls tools; only the reward is read from the page's own variables.
"""

import argparse
import asyncio
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


POLICIES = {
    "click-test": click_test, "click-test-2": click_test_2, "click-button": click_quoted, "click-link": click_quoted,
    "click-tab": click_tab, "click-dialog": click_dialog, "click-checkboxes": click_checkboxes,
    "click-checkboxes-transfer": click_checkboxes, "click-option": click_option, "choose-list": choose_list,
    "enter-text": enter_text, "enter-text-2": enter_text_2, "enter-password": enter_password, "login-user": login_user,
    "focus-text": focus_text, "focus-text-2": focus_text_2, "click-collapsible": click_collapsible,
    "click-widget": click_widget, "unicode-test": click_quoted,
}  # fmt: skip


async def play(agent: Agent, session: Session, task: str, seed: int) -> tuple[bool, str]:
    """One episode: whether its reward was positive, and what went wrong."""
    await session.tab.page.evaluate(START, f"{task}-{seed}")
    await agent.read()
    try:
        await POLICIES[task](agent)
    except LookupError as error:
        return False, str(error)
    done, reward = await session.tab.page.evaluate(REWARD)
    return bool(done and reward > 0), "" if done else f"not done; text:\n{agent.text}"


async def main() -> None:
    """Play all tasks and say what was solved."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
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
            for task in POLICIES:
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
