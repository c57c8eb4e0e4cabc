"""The composition root: settings → store → runtime → web. Imported by nobody; `scripts/` start it.

python server.py serve [--worker]      the server against the API
python server.py demo [--once]         the server and an emulated API with a scripted agent, on loopback
python server.py docs [--check]        write, or check, the README's generated parts
"""

import argparse
import asyncio
import base64
import importlib
import logging
import os
import resource
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import cast

import httpx2
import uvicorn
import uvloop
from anthropic import AsyncAnthropic
from pythonjsonlogger.json import JsonFormatter

from glasshouse import demo, docs
from glasshouse.catalog import Catalog, find_kits
from glasshouse.emulator import Emulator
from glasshouse.errors import GlasshouseError, SettingError, StoreError
from glasshouse.events import stamp
from glasshouse.log import Log
from glasshouse.runtime.kits import Kits
from glasshouse.runtime.runtime import Runtime
from glasshouse.runtime.session import House
from glasshouse.settings import Settings, read_settings
from glasshouse.store.sqlite import open_sqlite
from glasshouse.telling import About
from glasshouse.tracing import Tracing
from glasshouse.web import WebHouse, make_app
from glasshouse.web.rights import read_token
from glasshouse.web.wire import BoundedHttp
from glasshouse.worker import work

PRUNE_S = 6 * 3600  # old sessions are looked for a few times a day, more often where they are kept for less
CLOSING_S = 2  # streams end by themselves; what is left after this is cut
logger = logging.getLogger("glasshouse")


class Listening(uvicorn.Server):
    """uvicorn that tells when it is ready and, on a signal, lets viewers go before it waits for their connections."""

    def __init__(self, config: uvicorn.Config, *, ready: Callable[[], None], farewell: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self._farewell = farewell

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Unlike uvicorn's own, raises no signal again at the end: that would end the process with states unsaved."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._farewell()


def main() -> int:
    """Run the command; the exit code."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold the token and the keys
    os.environ.setdefault("UV_THREADPOOL_SIZE", "32")  # uvloop looks names up in half of them; of 4, 2 hang easily
    command = _arguments()
    try:
        catalog = find_kits()
        if command.what == "docs":
            current = docs.update(catalog, check=command.check)
            return _say_stale() if command.check and not current else 0
        if command.what == "demo":
            return uvloop.run(_demo(catalog, once=command.once, port=command.port))
        settings = cast(Settings, read_settings())
        _log_to_stderr(settings.log_level, settings.log_format)
        return uvloop.run(_serve(catalog, settings, worker=command.worker))
    except GlasshouseError as error:
        print(f"glasshouse: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


async def _serve(catalog: Catalog, settings: Settings, *, worker: bool) -> int:
    async with _open(catalog, settings, _client(settings, worker=worker)) as house:
        background = [house.runtime.take_up, _pruning(house.runtime, settings.keep_days)]
        if worker:
            environment_id, key = _environment(settings)
            background.append(lambda: work(house.runtime, environment_id, key))
        else:
            background.append(lambda: house.runtime.sweep_forever(settings.sweep_s))
        await _listen(house, background)
    return 0


async def _demo(catalog: Catalog, *, once: bool, port: int) -> int:
    _log_to_stderr("warning")
    key = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    async with demo.make_emulator() as emulator:
        allowed = emulator.base_url.removeprefix("http://")
        os.environ["GLASSHOUSE_BROWSER_ALLOW"] = allowed  # the shop is on this machine
        with tempfile.TemporaryDirectory(prefix="glasshouse-demo-", ignore_cleanup_errors=True) as folder:
            os.environ |= {
                "ANTHROPIC_API_KEY": emulator.api_key,
                "ANTHROPIC_BASE_URL": emulator.base_url,
                "ANTHROPIC_WEBHOOK_SIGNING_KEY": key,
                "GLASSHOUSE_DATA": folder,
                "GLASSHOUSE_PORT": str(port),
            }
            settings = cast(Settings, read_settings())
            async with _open(catalog, settings, _client(settings, worker=False)) as house:
                outcome: list[str | None] = []

                async def play(stop: Callable[[], None], base_url: str) -> None:
                    outcome.append(await _play(emulator, base_url, house.token, key))
                    print(
                        f"The agent's turn ended {'badly: ' + outcome[0].rstrip('.') if outcome[0] else 'well'}.",
                        flush=True,
                    )
                    if once:
                        stop()

                await _listen(house, [lambda: house.runtime.sweep_forever(settings.sweep_s)], play)
    return 0 if not once or outcome == [None] else 1


async def _play(emulator: Emulator, base_url: str, token: str, signing_key: str) -> str | None:
    """The demo's turn; None if it ended well."""
    try:
        played = await demo.begin(emulator, base_url, token, signing_key)
    except httpx2.HTTPError as error:
        return f"the session could not be made: {error}"
    print(f"then watch the agent at work: {base_url}/s/{played.session_id}", flush=True)
    return await played.outcome()


def _tracing() -> AbstractAsyncContextManager[Tracing]:
    """Traces to the collector that the standard variables name; without one, nothing of the SDK is even loaded."""
    said = os.environ
    collectors = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    off = said.get("OTEL_SDK_DISABLED", "").lower() == "true" or said.get("OTEL_TRACES_EXPORTER", "otlp") != "otlp"
    if off or not any(said.get(name) for name in collectors):
        return nullcontext(Tracing())
    for name in ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"):
        if said.get(name, "http/protobuf") != "http/protobuf":
            raise SettingError(f"{name}={said[name]} is not spoken here. Set it to http/protobuf, mostly on port 4318.")
    export: AbstractAsyncContextManager[Tracing] = importlib.import_module("glasshouse.export").open_export()
    return export


@asynccontextmanager
async def _open(catalog: Catalog, settings: Settings, client: AsyncAnthropic) -> AsyncIterator[WebHouse]:
    """Everything behind the doors, let go of in the opposite order."""
    kit_settings = {kit.name: read_settings(kit.settings) for kit in catalog.kits.values() if kit.settings}
    async with client, open_sqlite(settings.data) as store, _tracing() as tracing:
        log = Log(store)
        kits = Kits(catalog, log, kit_settings)
        house = House.over(
            client, log, kits, result_bytes=settings.result_bytes, idle_s=settings.idle_s, tracing=tracing
        )
        agents = frozenset(name.strip() for name in settings.agents.split(",")) - {""}
        runtime = Runtime(house, agents=agents)
        token = settings.token.get_secret_value() if settings.token else read_token(settings.data)
        try:
            yield WebHouse(settings, runtime, token)
        finally:
            await runtime.stop()


async def _listen(
    house: WebHouse,
    background: list[Callable[[], Awaitable[None]]],
    play: Callable[[Callable[[], None], str], Awaitable[None]] | None = None,
) -> None:
    """Serve HTTP until a signal; `background` runs beside it, `play` once it is ready."""
    listener = _bind(house.settings)
    for kit, guards in (await house.kits.guards()).items():
        logger.info("%s is guarded: %s", kit, ", ".join(f"{guard}: {how}" for guard, how in guards.items()))
    base_url = _url(listener)
    app = make_app(house)
    config = uvicorn.Config(
        app,
        http=BoundedHttp,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=CLOSING_S,
        lifespan="off",
    )
    tasks: list[asyncio.Task[None]] = []

    def ready() -> None:
        print(f"listening on {base_url}", flush=True)
        public = (house.settings.public_url or base_url).rstrip("/")
        print(f"log in: {public}/login?token={house.token}", flush=True)
        tasks.extend(asyncio.ensure_future(job()) for job in background)
        if play:
            tasks.append(asyncio.ensure_future(play(stop, base_url)))

    def stop() -> None:
        server.should_exit = True
        house.runtime.farewell()

    server = Listening(config, ready=ready, farewell=house.runtime.farewell)
    try:
        await server.serve([listener])
    finally:
        await house.runtime.stop()
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                logger.error("a background task failed", exc_info=result)


def _client(settings: Settings, *, worker: bool) -> AsyncAnthropic:
    base_url = settings.anthropic_base_url
    if worker:
        return AsyncAnthropic(auth_token=_environment(settings)[1], base_url=base_url)
    if settings.anthropic_api_key is None:
        raise SettingError(
            "ANTHROPIC_API_KEY is not set. Set it, use --worker, or try scripts/demo, which needs no key."
        )
    return AsyncAnthropic(api_key=settings.anthropic_api_key.get_secret_value(), base_url=base_url)


def _environment(settings: Settings) -> tuple[str, str]:
    """The id and key that a worker needs."""
    if settings.environment_key is None or not settings.environment_id:
        raise SettingError(
            "--worker needs ANTHROPIC_ENVIRONMENT_ID and ANTHROPIC_ENVIRONMENT_KEY, which is made on the"
            " environment's page in the Console."
        )
    return settings.environment_id, settings.environment_key.get_secret_value()


def _pruning(runtime: Runtime, keep_days: float) -> Callable[[], Awaitable[None]]:
    keep = timedelta(days=keep_days)

    async def prune_forever() -> None:
        while True:
            before = stamp(datetime.now(UTC) - keep)
            try:
                gone = await runtime.prune(before)
            except StoreError as error:  # a full disk passes, and pruning must go on then
                logger.warning("old sessions could not be deleted: %s", error)
            else:
                if gone:
                    logger.info("%d old sessions were deleted (GLASSHOUSE_KEEP_DAYS)", gone)
            await asyncio.sleep(min(PRUNE_S, keep.total_seconds() / 4))

    return prune_forever


def _bind(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where a socket names its protocol; left on, every event waits 40 ms
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise SettingError(
            f"{settings.host}:{settings.port} cannot be listened on ({error.strerror})."
            " Set GLASSHOUSE_HOST or GLASSHOUSE_PORT."
        ) from error
    listener.listen(2048)
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _log_to_stderr(level: str, form: str = "text") -> None:
    if not isinstance(logging.getLevelName(level.upper()), int):
        raise SettingError(f"GLASSHOUSE_LOG_LEVEL={level} is none of debug, info, warning, error.")
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(About())
    fields = "%(asctime)s %(levelname)s %(name)s %(message)s"
    handler.setFormatter(JsonFormatter(fields) if form == "json" else logging.Formatter(f"{fields}%(about)s"))
    logging.basicConfig(level=level.upper(), handlers=[handler])
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # it tells the URL of every request


def _say_stale() -> int:
    print("README.md: the generated parts are out of date. Run `python server.py docs`.", file=sys.stderr)
    return 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="glasshouse", description="Stateful tools for Claude Managed Agents.")
    commands = parser.add_subparsers(dest="what", required=True)
    serve = commands.add_parser("serve", help="the server against the API")
    serve.add_argument("--worker", action="store_true", help="be fed by the environment's work queue; needs no API key")
    play = commands.add_parser("demo", help="the server and an emulated API, on loopback")
    play.add_argument("--once", action="store_true", help="play once; exit 0 if the agent's turn ended well")
    play.add_argument("--port", type=int, default=8787, help="0 takes a free one")
    docs_ = commands.add_parser("docs", help="write the README's generated parts")
    docs_.add_argument("--check", action="store_true", help="only check them")
    return parser.parse_args()


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        sys.exit(main())
