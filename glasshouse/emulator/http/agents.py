"""`/v1/agents`."""

from glasshouse.emulator.agents import AgentCreate, AgentUpdate
from glasshouse.emulator.http.ask import Ask, listed
from glasshouse.emulator.marks import Json


async def create(ask: Ask) -> Json:
    return ask.world.agents.create(ask.body(AgentCreate))


async def list_all(ask: Ask) -> Json:
    within, archived = ask.within(), ask.flag("include_archived")
    rows = [
        agent
        for agent in ask.world.agents.all()
        if within.admits(agent["created_at"]) and (archived or not agent["archived_at"])
    ]
    page = ask.cut(rows, order="desc")
    return listed(page, page.data)


async def retrieve(ask: Ask) -> Json:
    return ask.world.agents.get(ask.path("agent"), ask.integer("version", least=1, most=10**9))


async def update(ask: Ask) -> Json:
    return ask.world.agents.update(ask.path("agent"), ask.body(AgentUpdate))


async def archive(ask: Ask) -> Json:
    return ask.world.agents.archive(ask.path("agent"))


async def versions(ask: Ask) -> Json:
    page = ask.cut(ask.world.agents.versions(ask.path("agent")), order="desc")
    return listed(page, page.data)
