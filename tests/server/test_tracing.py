"""Traces reach a real OTLP receiver, joined with the logs by their ids; without a collector nothing of it is loaded."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from time import perf_counter
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from glasshouse.emulator import Emulator, SessionHandle
from tests.server.conftest import MakeServer
from tests.server.stage import GUARD_S, ROOT

pytestmark = pytest.mark.timeout(120)

PHASES = ["wait for turn", "claim", "run livepage", "store result", "post result"]


class Collector:
    """An OTLP receiver over HTTP."""

    def __init__(self) -> None:
        self.base_url = ""
        self.raw = b""
        self.spans: list[Span] = []
        self.resource: dict[str, str] = {}
        self._grown = asyncio.Event()

    async def take(self, request: Request) -> Response:
        """`POST /v1/traces`."""
        body = await request.body()
        self.raw += body
        for sent in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resource = {each.key: each.value.string_value for each in sent.resource.attributes}
            self.spans += [span for scope in sent.scope_spans for span in scope.spans]
        self._grown.set()
        self._grown = asyncio.Event()
        return Response(media_type="application/x-protobuf")

    async def until_ended(self, name: str, count: int) -> list[Span]:
        """The spans of the name, once there are so many; a span is sent when it has ended."""
        async with asyncio.timeout(GUARD_S):
            while len(found := [span for span in self.spans if span.name == name]) < count:
                await self._grown.wait()
        return found

    def below(self, parent: Span) -> list[Span]:
        """The spans that have this parent, in the order they began."""
        found = [span for span in self.spans if span.parent_span_id == parent.span_id]
        return sorted(found, key=lambda span: span.start_time_unix_nano)


def about(span: Span) -> dict[str, str]:
    """A span's attributes."""
    return {each.key: each.value.string_value for each in span.attributes}


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    """A receiver on a port of its own."""
    made = Collector()
    async with Emulator(routes=[Route("/v1/traces", made.take, methods=["POST"])]) as running:
        made.base_url = running.base_url
        yield made


async def test_a_call_is_a_trace_from_its_arrival_until_its_result_is_posted(
    make_server: MakeServer, emulator: Emulator, opened: SessionHandle, collector: Collector
) -> None:
    server = make_server(
        OTEL_EXPORTER_OTLP_ENDPOINT=collector.base_url,
        OTEL_BSP_SCHEDULE_DELAY="100",
        GLASSHOUSE_LOG_FORMAT="json",
    )
    await server.start()
    await server.attach(opened.id)
    emulator.faults.refuse("events.send", 500)
    html = "<p>nobody's business</p>"
    [good] = await opened.begin([("page_set_html", {"selector": "#content", "html": html})])
    await asyncio.wait_for(opened.answers([good]), GUARD_S)
    [bad] = await opened.begin([("page_set_html", {"selector": "#nowhere", "html": html})])
    await asyncio.wait_for(opened.answers([bad]), GUARD_S)

    traced = await collector.until_ended("execute_tool page_set_html", 2)
    spans = {about(span)["gen_ai.tool.call.id"]: span for span in traced}
    for call in (good, bad):
        found = about(spans[call.id])
        assert found["gen_ai.operation.name"] == "execute_tool"
        assert found["gen_ai.tool.name"] == "page_set_html"
        assert found["gen_ai.conversation.id"] == opened.id
        assert found["glasshouse.outcome"] == "posted"
        assert [span.name for span in collector.below(spans[call.id])] == PHASES
    assert about(spans[bad.id])["error.type"] == "tool_error"
    assert "error.type" not in about(spans[good.id])
    [woken] = await collector.until_ended("wake session", 1)
    assert about(woken) == {
        "gen_ai.conversation.id": opened.id,
        "glasshouse.wake.by": "attach",
        "glasshouse.outcome": "woken",
    }
    assert collector.resource["service.name"] == "glasshouse"
    assert b"business" not in collector.raw
    [told] = [line for line in logged(server.told) if "not posted yet" in line["message"]]
    assert (told["session_id"], told["call_id"]) == (opened.id, good.id)
    assert told["trace_id"] == spans[good.id].trace_id.hex()


def logged(told: str) -> list[dict[str, Any]]:
    """The lines of a JSON log."""
    return [json.loads(line) for line in told.splitlines()]


async def test_a_collector_that_is_not_there_holds_up_neither_calls_nor_the_end(
    make_server: MakeServer, opened: SessionHandle, unused_tcp_port: int
) -> None:
    server = make_server(OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{unused_tcp_port}", OTEL_SERVICE_NAME="other")
    await server.start()
    await server.attach(opened.id)
    assert not (await asyncio.wait_for(opened.call("page_get"), GUARD_S)).is_error
    begun = perf_counter()
    assert await server.stop() == 0
    assert perf_counter() - begun < 3 * server.slowness
    assert "Traceback" not in server.told


async def test_another_protocol_is_refused_in_one_sentence(make_server: MakeServer) -> None:
    environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    code, said = await make_server(**environment).refused()
    assert code == 2
    assert said.strip().splitlines() == [
        "glasshouse: OTEL_EXPORTER_OTLP_PROTOCOL=grpc is not spoken here. Set it to http/protobuf, mostly on port 4318."
    ]


def test_without_a_collector_nothing_of_the_sdk_is_loaded() -> None:
    command = [sys.executable, "-X", "importtime", "server.py", "docs", "--check"]
    loaded = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stderr
    assert "opentelemetry.trace" in loaded
    assert "opentelemetry.sdk" not in loaded
    assert "opentelemetry.exporter" not in loaded
