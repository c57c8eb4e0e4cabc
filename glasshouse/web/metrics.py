"""Figures for Prometheus, gathered when they are asked for.

Calls are counted from the journal, so the counters survive a restart; only their times are kept by the runtime.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.process_collector import ProcessCollector

from glasshouse.store import Tally
from glasshouse.web.house import WebHouse, house_of
from glasshouse.web.rights import Operator

Guards = Mapping[str, Mapping[str, str]]
router = APIRouter(dependencies=[Operator])


@router.get("/metrics")
async def metrics(request: Request, house: Annotated[WebHouse, Depends(house_of)]) -> Response:
    """The figures, in Prometheus' text format."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(
        _Figures(house, await house.store.tallies(), request.app.state.audiences.total(), await house.kits.guards())
    )
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Figures:
    """One reading of the server."""

    def __init__(self, house: WebHouse, tallies: Iterable[Tally], page_viewers: int, guards: Guards) -> None:
        self._house = house
        self._tallies = tallies
        self._page_viewers = page_viewers
        self._guards = guards

    def collect(self) -> Iterable[Metric]:
        """The metric families."""
        house = self._house
        calls = CounterMetricFamily("glasshouse_calls", "Calls in the journal.", labels=["kit", "tool", "state"])
        for tally in self._tallies:
            calls.add_metric([tally.kit, tally.tool, tally.state], tally.count)
        yield calls
        yield from house.kits.latency.collect()
        yield GaugeMetricFamily("glasshouse_sessions_awake", "Sessions awake.", house.runtime.awake_count())
        states = GaugeMetricFamily("glasshouse_states_open", "Sessions whose state of a kit is open.", labels=["kit"])
        for kit in house.catalog.kits:
            states.add_metric([kit], house.kits.open_count(kit))
        yield states
        viewers = GaugeMetricFamily("glasshouse_viewers", "Open streams of people who watch.", labels=["of"])
        viewers.add_metric(["log"], house.log.following())
        viewers.add_metric(["page"], self._page_viewers)
        yield viewers
        guards = GaugeMetricFamily("glasshouse_guard", "What confines what a kit runs.", labels=["kit", "guard", "how"])
        for kit, held in self._guards.items():
            for guard, how in held.items():
                guards.add_metric([kit, guard, how], 1)
        yield guards
