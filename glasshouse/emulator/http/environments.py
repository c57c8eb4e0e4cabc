"""`/v1/environments` and the work queue below it."""

from pydantic import Field

from glasshouse.emulator.agents import MetadataPatch, patch_metadata
from glasshouse.emulator.content import Strict
from glasshouse.emulator.environments import EnvironmentCreate, EnvironmentUpdate
from glasshouse.emulator.http.ask import Ask, listed
from glasshouse.emulator.marks import Json
from glasshouse.emulator.problem import ApiError, bad
from glasshouse.emulator.workqueue import Work


class StopBody(Strict):
    force: bool = False


class WorkUpdate(Strict):
    metadata: MetadataPatch = Field()


async def create(ask: Ask) -> Json:
    return ask.world.environments.create(ask.body(EnvironmentCreate))


async def list_all(ask: Ask) -> Json:
    archived = ask.flag("include_archived")
    page = ask.cut([each for each in ask.world.environments.all() if archived or not each["archived_at"]], order="desc")
    return listed(page, page.data)


async def retrieve(ask: Ask) -> Json:
    return ask.world.environments.get(ask.path("environment"))


async def update(ask: Ask) -> Json:
    return ask.world.environments.update(ask.path("environment"), ask.body(EnvironmentUpdate))


async def archive(ask: Ask) -> Json:
    return ask.world.environments.archive(ask.path("environment"))


async def delete(ask: Ask) -> Json:
    return ask.world.environments.delete(ask.path("environment"))


def _queue(ask: Ask) -> str:
    """The id of the self-hosted environment in the path, which a key of another environment may not touch."""
    environment = ask.world.environments.get(ask.path("environment"))
    if ask.credential.environment_id not in (None, environment["id"]):
        raise ApiError(403, "this credential belongs to another environment")
    if environment["config"]["type"] != "self_hosted":
        raise bad("only self_hosted environments have a work queue")
    return str(environment["id"])


def _work(ask: Ask) -> Work:
    work = ask.world.work.get(_queue(ask), ask.path("work"))
    if ask.credential.work_id not in (None, work.id):
        raise ApiError(403, "this credential belongs to another work item")
    return work


async def poll(ask: Ask) -> Json | None:
    block_ms = ask.integer("block_ms", least=1, most=999) or 0
    reclaim_ms = ask.integer("reclaim_older_than_ms", least=0, most=10**9)
    return await ask.world.work.poll(
        _queue(ask),
        block_s=block_ms / 1000,
        reclaim_s=(5_000 if reclaim_ms is None else reclaim_ms) / 1000,
        worker_id=ask.request.headers.get("anthropic-worker-id"),
    )


async def ack(ask: Ask) -> Json:
    return ask.world.work.ack(_work(ask))


async def heartbeat(ask: Ask) -> Json:
    ttl_s = ask.integer("desired_ttl_seconds", least=1, most=3600)
    return ask.world.work.heartbeat(_work(ask), expected=ask.query("expected_last_heartbeat"), ttl_s=ttl_s)


async def stop(ask: Ask) -> Json:
    return ask.world.work.stop(_work(ask), at_once=ask.body(StopBody).force)


async def list_work(ask: Ask) -> Json:
    page = ask.cut(ask.world.work.of(_queue(ask)))
    return listed(page, [work.public() for work in page.data])


async def retrieve_work(ask: Ask) -> Json:
    return _work(ask).public()


async def update_work(ask: Ask) -> Json:
    work = _work(ask)
    work.metadata = patch_metadata(work.metadata, ask.body(WorkUpdate).metadata)
    return work.public()


async def stats(ask: Ask) -> Json:
    return ask.world.work.stats(_queue(ask))
