"""Figures for Prometheus, gathered when they are asked for.

Totals count from the start of the process, as Prometheus expects; what stands in the journal and in the store is read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

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
    state, store = request.app.state, house.store
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(
        _Reading(
            house=house,
            tallies=await store.tallies(),
            store_bytes=await store.size(),
            page_viewers=state.audiences.total(),
            webhooks=state.webhooks,
            guards=await house.kits.guards(),
        )
    )
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@dataclass(frozen=True, eq=False)  # the registry keeps it by identity
class _Reading:
    """One reading of the server."""

    house: WebHouse
    tallies: Iterable[Tally]
    store_bytes: int
    page_viewers: int
    webhooks: Mapping[str, int]
    guards: Guards

    def collect(self) -> Iterator[Metric]:
        """The metric families."""
        yield from self._calls()
        yield from self._sessions()
        yield from self._doors()
        yield from self._kits()

    def _calls(self) -> Iterator[Metric]:
        latency = list(self.house.kits.latency.collect())
        owners = {tool: kit.name for kit in self.house.catalog.kits.values() for tool in kit.tools | kit.controls}
        calls = CounterMetricFamily("glasshouse_calls", "Actions that ended.", labels=["kit", "tool", "outcome"])
        for sample in (sample for family in latency for sample in family.samples if sample.name.endswith("_count")):
            tool = sample.labels["tool"]
            calls.add_metric([owners[tool], tool, sample.labels["outcome"]], sample.value)
        yield calls
        yield from latency
        journal = GaugeMetricFamily("glasshouse_journal_calls", "Calls under way.", labels=["kit", "tool", "state"])
        for tally in self.tallies:
            journal.add_metric([tally.kit, tally.tool, tally.state], tally.count)
        yield journal
        settled = self.house.runtime.house.settled
        yield _counter("glasshouse_settled_calls", "Calls whose story ended.", "state", settled, "posted", "obsolete")

    def _sessions(self) -> Iterator[Metric]:
        runtime, kits = self.house.runtime, self.house.kits
        yield GaugeMetricFamily("glasshouse_sessions_awake", "Sessions awake.", runtime.awake_count())
        yield _counter("glasshouse_wakes", "Sessions woken.", "by", runtime.wakes)
        states = GaugeMetricFamily("glasshouse_states_open", "Sessions whose state of a kit is open.", labels=["kit"])
        for kit in self.house.catalog.kits:
            states.add_metric([kit], kits.open_count(kit))
        yield states
        yield GaugeMetricFamily("glasshouse_store_bytes", "What the store takes on disk.", self.store_bytes)
        yield CounterMetricFamily("glasshouse_pruned_sessions", "Old sessions deleted.", runtime.pruned)

    def _doors(self) -> Iterator[Metric]:
        viewers = GaugeMetricFamily("glasshouse_viewers", "Open streams of people who watch.", labels=["of"])
        viewers.add_metric(["log"], self.house.log.following())
        viewers.add_metric(["page"], self.page_viewers)
        yield viewers
        outcomes = ("woke", "ignored", "seen_before", "refused", "no_key")
        yield _counter("glasshouse_webhooks", "Webhooks that came.", "outcome", self.webhooks, *outcomes)
        reachable = GaugeMetricFamily("glasshouse_api_up", "Whether the last sweep could ask the API.")
        reachable.add_metric([], self.house.runtime.api_problem is None)
        yield reachable

    def _kits(self) -> Iterator[Metric]:
        families: dict[str, Any] = {}
        for kit, figures in self.house.kits.figures().items():
            for figure in figures:
                name = f"glasshouse_{kit}_{figure.name}"
                make = CounterMetricFamily if figure.total else GaugeMetricFamily
                family = families.setdefault(name, make(name, figure.help, labels=list(figure.labels)))
                family.add_metric(list(figure.labels.values()), figure.value)
        yield from families.values()
        guards = GaugeMetricFamily("glasshouse_guard", "What confines what a kit runs.", labels=["kit", "guard", "how"])
        for kit, held in self.guards.items():
            for guard, how in held.items():
                guards.add_metric([kit, guard, how], 1)
        yield guards


def _counter(name: str, said: str, label: str, counts: Mapping[str, int], *always: str) -> Metric:
    """A counter by one label; the values that are always there begin at 0, so that a first one is seen as a growth."""
    family = CounterMetricFamily(name, said, labels=[label])
    for value in dict.fromkeys((*always, *counts)):
        family.add_metric([value], counts.get(value, 0))
    return family
