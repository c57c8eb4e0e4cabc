"""What frames the people who watch can make use of: the widest picture, and no more bytes than the slowest can take."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

from glasshouse.runtime.live import MANY, PATIENCE, THRIFTIEST, WINDOW, Frame, LiveView
from glasshouse.tool import Wish


class Show:
    """A live view that shows frames and lets viewers take them one by one, as their connections would."""

    def __init__(self) -> None:
        self.view = LiveView()
        self.count = 0

    def frame(self) -> None:
        self.count += 1
        self.view.show(str(self.count).encode(), "image/jpeg")

    @asynccontextmanager
    async def viewer(self, width: int | None = None) -> AsyncIterator[AsyncIterator[Frame]]:
        async with aclosing(self.view.watch(width)) as frames:
            if not self.count:
                self.frame()
            await anext(frames)
            yield frames

    async def window(
        self, slow: AsyncIterator[Frame], *, takes: int, quick: AsyncIterator[Frame] | None = None
    ) -> None:
        """As many frames as are judged at once, of which one viewer takes so many, and another all."""
        for n in range(WINDOW):
            self.frame()
            if takes and n % (WINDOW // takes) == 0:
                await anext(slow)
            if quick:
                await anext(quick)


async def test_the_wish_is_that_of_the_widest_and_of_one_that_says_nothing_all_there_is() -> None:
    show = Show()
    assert show.view.wish == Wish()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(show.viewer(360))
        assert show.view.wish == Wish(360)
        changed = asyncio.create_task(show.view.changed(Wish(360)))
        wide = show.viewer(1280)
        await wide.__aenter__()
        await asyncio.wait_for(changed, 20)
        assert show.view.wish == Wish(1280)
        await wide.__aexit__(None, None, None)
        assert show.view.wish == Wish(360)
        async with show.viewer():
            assert show.view.wish == Wish(None)
    assert (show.view.viewers, show.view.wish) == (0, Wish())


async def test_frames_get_thriftier_while_a_viewer_skips_many_and_richer_once_it_skips_none() -> None:
    show = Show()
    async with show.viewer(640) as slow, show.viewer(640) as quick:
        changed = asyncio.create_task(show.view.changed(show.view.wish))
        for step in range(1, THRIFTIEST + 2):
            await show.window(slow, takes=2, quick=quick)
            assert show.view.wish.thrift == min(step, THRIFTIEST)
        await asyncio.wait_for(changed, 20)
        for _ in range(2 * PATIENCE[1]):
            await show.window(slow, takes=WINDOW, quick=quick)
        assert show.view.wish.thrift < THRIFTIEST
        for _ in range(4 * PATIENCE[1]):
            await show.window(slow, takes=WINDOW, quick=quick)
        assert show.view.wish.thrift == 0


async def test_frames_that_were_too_rich_are_tried_again_ever_later() -> None:
    show = Show()
    waits = []
    async with show.viewer() as slow:
        for _ in range(4):
            calm = 0
            while not show.view.wish.thrift:
                await show.window(slow, takes=2)
            while show.view.wish.thrift:
                await show.window(slow, takes=WINDOW)
                calm += 1
            waits.append(calm)
    assert waits == sorted(set(waits)), waits


async def test_one_that_takes_nothing_spoils_nothing_for_the_others() -> None:
    show = Show()
    async with show.viewer(1280) as stuck, show.viewer(640) as quick:
        for _ in range(4):
            await show.window(stuck, takes=0, quick=quick)
        assert show.view.wish.thrift == 0


async def test_a_few_skipped_frames_are_no_matter_and_a_new_audience_starts_rich() -> None:
    show = Show()
    async with show.viewer() as slow:
        await show.window(slow, takes=WINDOW)
        for _ in range(MANY):
            show.frame()
        await anext(slow)
        for _ in range(WINDOW - MANY):
            show.frame()
            await anext(slow)
        assert show.view.wish.thrift == 0
        await show.window(slow, takes=2)
        await show.window(slow, takes=2)
        assert show.view.wish.thrift > 0
    assert show.view.wish.thrift == 0
