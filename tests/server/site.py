"""A small web site on loopback that counts what is done to it, for a browser whose every click must happen once."""

from collections import Counter
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

BUTTONS = 400


@dataclass
class CountingSite:
    """`posts` counts the POSTs by their name, `visits` the cookies that came with the last request."""

    posts: Counter[str] = field(default_factory=Counter)
    cookies: dict[str, str] = field(default_factory=dict)

    def routes(self) -> list[BaseRoute]:
        """What to give to `Emulator(routes=…)`."""
        return [
            Route("/site", self._page),
            Route("/site/do/{name}", self._do, methods=["POST"]),
            Route("/site/form", self._form),
        ]

    async def _page(self, request: Request) -> Response:
        self.cookies = dict(request.cookies)
        buttons = "".join(
            f'<form method="post" action="/site/do/{n}"><button id="b{n}">Do {n}</button></form>'
            for n in range(BUTTONS)
            if n < 3 or request.query_params.get("all")
        )
        body = f"<!doctype html><title>Site</title><h1>Counting site</h1>{buttons}"
        answer = HTMLResponse(body)
        answer.set_cookie("seen", "yes", max_age=3600)
        return answer

    async def _do(self, request: Request) -> Response:
        name = request.path_params["name"]
        self.posts[name] += 1
        answer = RedirectResponse(f"/site?all=1&done={name}", status_code=303)
        answer.set_cookie("last", name, max_age=3600)
        return answer

    async def _form(self, request: Request) -> Response:
        return HTMLResponse(
            "<!doctype html><title>Form</title><form action='/site'><input id=q name=q aria-label=Name>"
            "<select id=s name=s aria-label=Colour><option value=r>Red</option><option value=g>Green</option></select>"
            "<button id=go>Send</button></form><div style='height:3000px'></div>"
        )
