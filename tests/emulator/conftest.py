"""A running emulator and the real SDK's client for it."""

from collections.abc import AsyncIterator

import pytest
from anthropic import AsyncAnthropic

from glasshouse.emulator import Emulator


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator() as running:
        yield running


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[AsyncAnthropic]:
    async with AsyncAnthropic(base_url=emulator.base_url, api_key=emulator.api_key, max_retries=0) as sdk:
        yield sdk
