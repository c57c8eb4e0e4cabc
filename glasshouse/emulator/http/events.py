"""A session's events and threads: list, send, stream."""

from starlette.responses import Response

from glasshouse.emulator import admission
from glasshouse.emulator.eventlog import EventLog
from glasshouse.emulator.http.ask import Ask, listed
from glasshouse.emulator.http.stream import EventStream
from glasshouse.emulator.incoming import SendBody
from glasshouse.emulator.marks import Json, now
from glasshouse.emulator.problem import bad
from glasshouse.emulator.thread import Thread

_MAX_EVENTS = 1_000
_DELTA_TYPES = frozenset({"agent.message", "agent.thinking"})


async def send(ask: Ask) -> Json:
    session, body = ask.session(), ask.body(SendBody)
    admission.check(session, body.events)
    return {"data": [session.apply(event) for event in body.events]}


async def list_all(ask: Ask) -> Json:
    return _list(ask, ask.session().log)


async def stream(ask: Ask) -> Response:
    return _stream(ask, ask.session().log)


def _list(ask: Ask, log: EventLog) -> Json:
    page = log.page(
        order=ask.order("asc"),
        limit=ask.integer("limit", least=1, most=_MAX_EVENTS) or _MAX_EVENTS,
        page=ask.query("page"),
        types=frozenset(ask.many("types")),
        within=ask.within(),
    )
    return listed(page, page.data)


def _stream(ask: Ask, log: EventLog) -> Response:
    wanted = ask.many("event_deltas")
    if len(wanted) > 100 or not _DELTA_TYPES.issuperset(wanted):
        raise bad(f"event_deltas: at most 100 values of {', '.join(sorted(_DELTA_TYPES))}")
    return EventStream(ask.world, log, frozenset(wanted))


def _thread(ask: Ask) -> Thread:
    return ask.session().thread(ask.path("thread"))


async def list_threads(ask: Ask) -> Json:
    statuses = ask.many("statuses")
    rows = [thread for thread in ask.session().threads.values() if not statuses or thread.status in statuses]
    page = ask.cut(rows, default=1_000, most=1_000)
    return listed(page, [thread.public() for thread in page.data])


async def retrieve_thread(ask: Ask) -> Json:
    return _thread(ask).public()


async def archive_thread(ask: Ask) -> Json:
    thread = _thread(ask)
    if thread.parent is None:
        raise bad("the primary thread cannot be archived; archive the session")
    if thread.status == "running":
        raise bad(f"Thread {thread.id} cannot be archived while it is running")
    thread.terminate()
    thread.archived_at = thread.archived_at or now()
    return thread.public()


async def list_thread_events(ask: Ask) -> Json:
    return _list(ask, _thread(ask).log)


async def stream_thread(ask: Ask) -> Response:
    return _stream(ask, _thread(ask).log)
