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
    looks: list[tuple[str, int, int]] = field(default_factory=list)  # at a deed's page: whose, which, the cookie's deed

    def routes(self) -> list[BaseRoute]:
        """What to give to `Emulator(routes=…)`."""
        return [
            Route("/site", self._page),
            Route("/site/do/{name}", self._do, methods=["POST"]),
            Route("/site/form", self._form),
            Route("/site/deed/{who}/{n:int}", self._deed),
            Route("/site/did/{who}/{n:int}", self._did, methods=["POST"]),
            Route("/site/done/{who}/{n:int}", self._done),
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

    async def _deed(self, request: Request) -> Response:
        """A page with one button; whoever looks at it brings the cookie of the last deed that the browser has kept."""
        who, n = request.path_params["who"], request.path_params["n"]
        self.looks.append((who, n, int(request.cookies.get("last", -1))))
        button = f'<form method="post" action="/site/did/{who}/{n}"><button id="go{n}">Do {n}</button></form>'
        return HTMLResponse(f"<!doctype html><title>Deed {n}</title>{button}")

    async def _did(self, request: Request) -> Response:
        who, n = request.path_params["who"], request.path_params["n"]
        self.posts[f"{who}/{n}"] += 1
        answer = RedirectResponse(f"/site/done/{who}/{n}", status_code=303)
        answer.set_cookie("last", str(n), max_age=3600)
        return answer

    async def _done(self, request: Request) -> Response:
        return HTMLResponse(f"<!doctype html><title>Done</title><p>Deed {request.path_params['n']} is done.")

    async def _form(self, request: Request) -> Response:
        return HTMLResponse(
            "<!doctype html><title>Form</title><form action='/site'><input id=q name=q aria-label=Name>"
            "<select id=s name=s aria-label=Colour><option value=r>Red</option><option value=g>Green</option></select>"
            "<button id=go>Send</button></form><div style='height:3000px'></div>"
        )
