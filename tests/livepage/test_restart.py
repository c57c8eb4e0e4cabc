"""The page outlives sleep, crash and kill -9: what was acknowledged is there, exactly."""

import asyncio
import json
import sys
from pathlib import Path

from glasshouse.log import Log
from glasshouse.store.sqlite import SqliteStore, open_sqlite
from tests.conftest import OpenWorkbench, Workbench
from tests.livepage.cases import DOCUMENT, edit_cases
from tests.livepage.test_tools import html
from tools.livepage import kit

BURST = """
import asyncio, sys
from pathlib import Path
from glasshouse.log import Log
from glasshouse.store.sqlite import open_sqlite
from tests.conftest import Workbench
from tools.livepage import kit

async def main():
    async with open_sqlite(Path(sys.argv[1])) as store:
        bench = Workbench(kit, Log(store), None)
        number = 0
        while True:
            number += 1
            block = f"<p id=p{number}>edit {number}</p>"
            result = await bench.call("page_add_block", anchor="#content", position="append", html=block)
            print(number, result.is_error, flush=True)

asyncio.run(main())
"""


async def test_sleep_and_crash_give_back_the_same_document(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        await bench.call("page_replace", html=DOCUMENT)
        for number, case in enumerate(edit_cases(120, seed=5)):
            tool = "page_set_html" if case.operation == "inner" else "page_add_block"
            await bench.call(tool, **case.step().model_dump())
            if number % 30 == 29:
                before = await html(bench)
                await (bench.sleep() if number % 60 == 29 else bench.crash())
                assert await html(bench) == before


async def test_every_revision_can_be_brought_back(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        pages = [await html(bench)]
        for number in range(1, 131):
            await bench.call("page_set_attr", selector="h1", name="data-n", value=str(number))
            pages.append(await html(bench))
        for revision in (0, 1, 49, 50, 51, 99, 100, 130):
            await bench.call("page_undo", to_revision=revision)
            assert await html(bench) == pages[revision]


async def test_old_revisions_are_thinned_and_the_newest_thousand_stay(store: SqliteStore) -> None:
    bench = Workbench(kit, Log(store), None)
    for number in range(1, 1_102):
        await bench.call("page_set_attr", selector="h1", name="data-n", value=str(number))
    gone = await bench.call("page_undo", to_revision=30)
    assert gone.is_error
    for revision in (0, 101, 1_100):
        assert not (await bench.call("page_undo", to_revision=revision)).is_error
        assert f'data-n="{revision}"' in await html(bench) or revision == 0
    await bench.close()


async def test_an_interrupted_edit_is_made_or_not_made_but_never_half(workbench: OpenWorkbench) -> None:
    async with workbench(kit) as bench:
        for number in range(30):
            block = {"anchor": "#content", "position": "append", "html": f"<p>{number}"}
            call = asyncio.create_task(bench.call("page_add_block", **block))
            for _ in range(number % 7):
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
        told = [event.data["revision"] for event in await bench.events()]
        shown = await html(bench)
        assert told == list(range(1, len(told) + 1))
        assert shown.count("<p>") == len(told)
        await bench.crash()
        assert await html(bench) == shown


async def test_kill_9_in_a_burst_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    killed = await asyncio.create_subprocess_exec(
        sys.executable, "-c", BURST, str(tmp_path), stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert killed.stdout is not None
    for _ in range(73):
        line = await asyncio.wait_for(killed.stdout.readline(), 20)
    killed.kill()
    rest = (await killed.stdout.read()).split(b"\n")
    await killed.wait()
    whole = [entry for entry in [line.strip(), *rest] if entry.endswith(b"False")]
    acknowledged = int(whole[-1].split()[0])
    async with open_sqlite(tmp_path) as store:
        bench = Workbench(kit, Log(store), None)
        shown = await html(bench)
        events = await bench.events()
        head = json.loads(await bench.memory().get("head") or b"")
        assert head["rev"] == len(events) in (acknowledged, acknowledged + 1)
        assert [f'id="p{n}"' in shown for n in (1, acknowledged, head["rev"], head["rev"] + 1)] == [
            True,
            True,
            True,
            False,
        ]
        await bench.call("page_undo")
        assert f'id="p{head["rev"]}"' not in await html(bench)
        assert not (await bench.control("page_restore", revision=10)).is_error
        assert (await html(bench)).count("<p id") == 10
        await bench.close()
