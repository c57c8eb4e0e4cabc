"""What the work at hand is about, for the logs: each record of a task carries its session, its call, and its trace."""

import logging
from contextvars import Context, ContextVar

from opentelemetry import trace

_about: ContextVar[dict[str, str] | None] = ContextVar("glasshouse_about", default=None)


def say_about(**known: str) -> None:
    """From here on, in this task and those it starts, log records carry these fields."""
    _about.set((_about.get() or {}) | known)


def about_only(**known: str) -> Context:
    """A context for work that outlives the call it is begun in, and so is not about that call."""
    context = Context()
    context.run(say_about, **known)
    return context


class About(logging.Filter):
    """Puts what is known into every record; `about` is the same as words, for people."""

    def filter(self, record: logging.LogRecord) -> bool:
        known = dict(_about.get() or {})
        for name in ("session_id", "call_id"):
            if given := record.__dict__.get(name):
                known[name] = given
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            known |= {"trace_id": trace.format_trace_id(span.trace_id), "span_id": trace.format_span_id(span.span_id)}
        record.__dict__.update(known)
        record.about = f" ({' '.join(known.values())})" if known else ""
        return True
