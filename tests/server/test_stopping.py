"""SIGTERM, interrupts, wrong starts: the server ends well, or says in one sentence why it does not begin."""

import asyncio
from pathlib import Path
from time import perf_counter

import pytest

from glasshouse.emulator import Emulator, SessionHandle
from glasshouse.settings import Settings
from tests.server.conftest import MakeServer
from tests.server.site import CountingSite
from tests.server.stage import GUARD_S, Server

pytestmark = [pytest.mark.long, pytest.mark.timeout(120)]


async def test_sigterm_ends_within_three_seconds_with_viewers_and_a_running_call(
    make_server: MakeServer, opened: SessionHandle, emulator: Emulator
) -> None:
    server = make_server()
    await server.start()
    await server.attach(opened.id)
    await asyncio.wait_for(opened.call("browser_goto", url=f"{emulator.base_url}/site"), GUARD_S)
    await asyncio.wait_for(opened.call("js_repl", code="let kept = 41"), GUARD_S)
    async with server.watch(opened.id) as one, server.watch(opened.id) as other:
        [call] = await opened.begin([("browser_wait", {"seconds": 25})])
        await one.event("call.started", call_id=call.id)
        children = server.descendants()
        begun = perf_counter()
        assert await server.stop() == 0
        took_s = perf_counter() - begun
        assert took_s < 3 * server.slowness
        assert one.ended
        assert other.ended
    [answer] = await opened.answers([call])
    assert answer.is_error
    assert "browser_read" in answer.text
    assert not [child for child in children if child.is_running() and child.status() != "zombie"]
    assert "Traceback" not in server.told
    await server.start()
    assert "42" in (await asyncio.wait_for(opened.call("js_repl", code="kept + 1"), GUARD_S)).text
    assert "Counting site" in (await asyncio.wait_for(opened.call("browser_read"), GUARD_S)).text


async def test_an_interrupt_cancels_a_long_call_within_a_second_and_the_next_one_works(
    server: Server, opened: SessionHandle, emulator: Emulator, site: CountingSite
) -> None:
    await server.attach(opened.id)
    await asyncio.wait_for(opened.call("browser_goto", url=f"{emulator.base_url}/site"), GUARD_S)
    async with server.watch(opened.id) as viewer:
        for _ in range(2):
            [call] = await opened.begin([("browser_wait", {"seconds": 30})])
            await viewer.event("call.started", call_id=call.id)
            begun = perf_counter()
            assert (await server.http.post(f"/sessions/{opened.id}/interrupt")).status_code == 202
            await viewer.event("call.obsoleted", call_id=call.id)
            assert perf_counter() - begun < 1 * server.slowness
            await opened.until_idle()
            assert not (await asyncio.wait_for(opened.call("browser_click", target="#b0"), GUARD_S)).is_error
            assert (await server.state(opened.id))["running"] == []
    assert site.posts["0"] == 2


async def test_a_second_server_on_the_same_folder_refuses_with_a_sentence(make_server: MakeServer) -> None:
    first, second = make_server(), make_server()
    await first.start()
    code, said = await second.refused()
    assert (code, said.startswith("glasshouse: Another Glasshouse server has GLASSHOUSE_DATA=")) == (2, True), said
    assert (await first.http.get("/health")).status_code == 200


@pytest.mark.parametrize(
    ("arguments", "environment", "names"),
    [
        ((), {"ANTHROPIC_API_KEY": ""}, "ANTHROPIC_API_KEY is not set"),
        (("--worker",), {"ANTHROPIC_API_KEY": ""}, "ANTHROPIC_ENVIRONMENT_ID and ANTHROPIC_ENVIRONMENT_KEY"),
        ((), {"GLASSHOUSE_PORT": "many"}, "GLASSHOUSE_PORT"),
        ((), {"GLASSHOUSE_HOST": "no such host"}, "GLASSHOUSE_HOST"),
        ((), {"GLASSHOUSE_DATA": "/proc/nowhere"}, "GLASSHOUSE_DATA"),
        ((), {"ANTHROPIC_WEBHOOK_SIGNING_KEY": "whsec_%%%"}, "ANTHROPIC_WEBHOOK_SIGNING_KEY"),
        (
            (),
            {"GLASSHOUSE_BROWSER_CDP": "http://127.0.0.1:1", "GLASSHOUSE_BROWSER_REQUIRE_NAMESPACE": "true"},
            "GLASSHOUSE_BROWSER_REQUIRE_NAMESPACE",
        ),
    ],
)
async def test_a_setting_that_is_missing_or_wrong_is_named_in_one_sentence(
    make_server: MakeServer, arguments: tuple[str, ...], environment: dict[str, str], names: str
) -> None:
    code, said = await make_server(*arguments, **environment).refused()
    [line] = said.strip().splitlines()
    assert code == 2
    assert line.startswith("glasshouse: ")
    assert names in line
    assert line.endswith(".")


def test_a_setting_that_is_left_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANTHROPIC_API_KEY", "GLASSHOUSE_TOKEN", "GLASSHOUSE_DATA"):
        monkeypatch.setenv(name, "")
    settings = Settings()
    assert (settings.anthropic_api_key, settings.token, str(settings.data)) == (None, None, ".glasshouse")


async def test_a_store_that_is_not_one_is_said_in_one_sentence(make_server: MakeServer, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "glasshouse.db").write_bytes(b"this is no database" * 1000)
    code, said = await make_server().refused()
    assert code == 2
    assert "glasshouse.db cannot be opened as a Glasshouse store" in said
    assert len(said.strip().splitlines()) == 1
