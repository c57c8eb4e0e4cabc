"""The kit itself: what it is called, how its state is opened, what its sessions share."""

from glasshouse.tool import Context, Kit
from tools.repl.pool import Pool, open_pool
from tools.repl.session import Session, open_session
from tools.repl.settings import ReplSettings


async def forget(session: Session, context: Context) -> None:
    """The operator resets the session: its worker ends now, its journal is deleted by the runtime."""
    await session.reset()


kit: Kit[Session] = Kit(
    name="repl",
    title="REPL",
    state=open_session,
    check="js_list_symbols",
    settings=ReplSettings,
    server=open_pool,
    figures=Pool.figures,
    reset=forget,
    ended=Pool.forget,
)
