"""Traces of OpenTelemetry: one for each call, from its arrival until its result is posted, and one for each wake.

Named by the semantic conventions for generative AI. No input, result or address is in them. Without a tracer nothing is
made at all; `glasshouse/export.py` makes one where the operator has named a collector.
"""

from collections.abc import Mapping

from opentelemetry import context, trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer


class Trace:
    """One span with phases below it, one after the other. Does nothing where nobody traces."""

    def __init__(self, tracer: Tracer | None, name: str, about: Mapping[str, str]) -> None:
        self._tracer = tracer
        self._span: Span | None = None
        self._phase: Span | None = None
        if tracer:
            self._span = tracer.start_span(name, context.Context(), attributes=about)
            self._within = trace.set_span_in_context(self._span, context.Context())

    def enter(self) -> None:
        """Make it the current one of this task: for its logs, and for `note_failure`."""
        if self._span:
            context.attach(self._within)

    def phase(self, name: str, kind: SpanKind = SpanKind.INTERNAL) -> None:
        """The phase before is over, this one begins."""
        if self._tracer and self._span and self._span.is_recording():
            if self._phase:
                self._phase.end()
            self._phase = self._tracer.start_span(name, self._within, kind=kind)

    def end(self, outcome: str, *, failure: str | None = None) -> None:
        """It is over: how, and what kind of failure it was, if any. A second end changes nothing."""
        if not (self._span and self._span.is_recording()):
            return
        if self._phase:
            self._phase.end()
        self._span.set_attribute("glasshouse.outcome", outcome)
        if failure:
            _fail(self._span, failure)
        self._span.end()


class Tracing:
    """Begins traces, with a tracer or without."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        self._tracer = tracer

    def call(self, tool: str, call_id: str, session_id: str, *, kit: str) -> Trace:
        """The trace of a call."""
        about = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": tool,
            "gen_ai.tool.type": "function",
            "gen_ai.tool.call.id": call_id,
            "gen_ai.conversation.id": session_id,
            "glasshouse.kit": kit,
        }
        return Trace(self._tracer, f"execute_tool {tool}", about)

    def stored(self, call_id: str, session_id: str) -> Trace:
        """The trace of a result that is posted, but whose call was not run in this life of the server."""
        about = {"gen_ai.tool.call.id": call_id, "gen_ai.conversation.id": session_id}
        return Trace(self._tracer, "post stored result", about)

    def wake(self, session_id: str, by: str) -> Trace:
        """The trace of a wake, until the session's history is read."""
        return Trace(self._tracer, "wake session", {"gen_ai.conversation.id": session_id, "glasshouse.wake.by": by})


def note_failure(kind: str) -> None:
    """The current trace's call fails, for this kind of reason."""
    _fail(trace.get_current_span(), kind)


def _fail(span: Span, kind: str) -> None:
    span.set_attribute("error.type", kind)
    span.set_status(Status(StatusCode.ERROR))
