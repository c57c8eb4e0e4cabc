"""`python -m glasshouse.emulator`: the emulator as a process of its own. Prints one line when it listens."""

import argparse
import asyncio
import signal

from glasshouse.emulator.demo import demo
from glasshouse.emulator.pace import DEMO, Pace
from glasshouse.emulator.server import Emulator
from glasshouse.emulator.story import quiet

STORIES = {"demo": demo, "quiet": quiet}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m glasshouse.emulator", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--api-key", help="take only this API key; by default any")
    parser.add_argument("--story", choices=sorted(STORIES), default="demo")
    parser.add_argument("--fast", action="store_true", help="no pauses for people who watch")
    parser.add_argument("--webhook", action="append", default=[], metavar="URL", help="send webhooks here")
    parser.add_argument("--webhook-secret", metavar="whsec_…", help="sign them with this")
    return parser.parse_args()


async def _serve(given: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stop.set)
    emulator = Emulator(
        host=given.host,
        port=given.port,
        api_key=given.api_key,
        story=STORIES[given.story],
        stories=STORIES,
        pace=Pace() if given.fast else DEMO,
    )
    for url in given.webhook:
        emulator.webhooks.add(url, secret=given.webhook_secret)
    async with emulator:
        print(f"listening on {emulator.base_url}", flush=True)
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(_serve(_arguments()))
