"""Sends traces to the collector that the standard OTEL_ variables name, by OTLP over HTTP.

Loaded only where a collector is named: the SDK costs a quarter of a second and some megabytes.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from glasshouse.tracing import Tracing

logger = logging.getLogger(__name__)

FAREWELL_S = 0.5  # what a collector gets for the last spans when the server stops; a dead one must not hold it up


@asynccontextmanager
async def open_export() -> AsyncIterator[Tracing]:
    """Traces that are sent from a thread of their own, in batches; what is left is sent at the end."""
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    try:
        yield Tracing(provider.get_tracer("glasshouse"))
    finally:
        ended = threading.Event()
        threading.Thread(target=_shut_down, args=(provider, ended), daemon=True).start()
        if not await asyncio.to_thread(ended.wait, FAREWELL_S):
            logger.warning("the collector of traces does not answer; the last ones are lost")


def _shut_down(provider: TracerProvider, ended: threading.Event) -> None:
    provider.shutdown()
    ended.set()


def _resource() -> Resource:
    """As the operator says by OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES; our name when nothing is said."""
    said = Resource.create()
    if str(said.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return said.merge(Resource({SERVICE_NAME: "glasshouse"}))
    return said
