"""The time limit of actions does what `asyncio.timeout` does."""

import asyncio

import pytest

from glasshouse.runtime.limit import TimeLimit


async def test_work_that_ends_in_time_is_left_alone() -> None:
    later = asyncio.Event()
    with TimeLimit(0.001):
        pass
    asyncio.get_running_loop().call_later(0.005, later.set)
    await later.wait()


async def test_work_whose_time_is_up_raises_timeout_and_its_task_goes_on() -> None:
    with pytest.raises(TimeoutError), TimeLimit(0):
        await asyncio.Event().wait()
    task = asyncio.current_task()
    assert task
    assert task.cancelling() == 0


async def test_an_error_of_the_work_itself_is_kept() -> None:
    with pytest.raises(KeyError), TimeLimit(5):
        raise KeyError


async def test_a_task_that_is_cancelled_by_somebody_else_is_cancelled() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        with TimeLimit(5):
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_task_that_is_cancelled_as_its_time_is_up_is_cancelled() -> None:
    async def work() -> None:
        task = asyncio.current_task()
        assert task
        with TimeLimit(0):
            asyncio.get_running_loop().call_soon(task.cancel)
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    with pytest.raises(asyncio.CancelledError):
        await task
