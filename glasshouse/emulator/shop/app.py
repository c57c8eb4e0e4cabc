"""The shop as a Starlette app to mount anywhere: `/`, `/product/<slug>`, `/cart`."""

from importlib.resources import files
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from glasshouse.emulator.shop import pages
from glasshouse.emulator.shop.basket import Basket
from glasshouse.emulator.shop.catalogue import BY_SLUG, CATEGORIES, search

_COOKIE = "basket"


def _root(request: Request) -> str:
    return str(request.scope.get("root_path", ""))


def _basket(request: Request) -> Basket:
    return Basket.from_cookie(request.cookies.get(_COOKIE, ""))


async def front(request: Request) -> Response:
    query, category = request.query_params.get("q", ""), request.query_params.get("category", "")
    category = category if category in CATEGORIES else ""
    return HTMLResponse(pages.front(_root(request), _basket(request), search(query, category), query, category))


async def product(request: Request) -> Response:
    found = BY_SLUG.get(request.path_params["slug"])
    if found is None:
        return HTMLResponse(pages.not_found(_root(request), _basket(request)), 404)
    return HTMLResponse(pages.product_page(_root(request), _basket(request), found))


async def cart(request: Request) -> Response:
    return HTMLResponse(pages.cart(_root(request), _basket(request)))


async def add(request: Request) -> Response:
    form, basket = await _form(request), _basket(request)
    slug = form.get("slug", "")
    if slug in BY_SLUG:
        basket = basket.with_quantity(slug, basket.count_of(slug) + _count(form.get("quantity", "")))
    return _to_cart(request, basket)


async def update(request: Request) -> Response:
    form, basket = await _form(request), _basket(request)
    for field, text in form.items():
        slug = field.removeprefix("quantity-")
        if slug in BY_SLUG and slug != field:
            basket = basket.with_quantity(slug, _count(text))
    return _to_cart(request, basket.bound_for(form.get("country", "")))


def _to_cart(request: Request, basket: Basket) -> Response:
    response = RedirectResponse(f"{_root(request)}/cart", 303)
    response.set_cookie(_COOKIE, basket.cookie(), path="/", samesite="lax")
    return response


async def _form(request: Request) -> dict[str, str]:
    sent = parse_qs((await request.body()).decode(errors="replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in sent.items()}


def _count(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 4 else 0


def build() -> Starlette:
    style = files("glasshouse.emulator.shop").joinpath("style.css").read_text(encoding="utf-8")

    async def stylesheet(_: Request) -> Response:
        return Response(style, media_type="text/css")

    return Starlette(
        routes=[
            Route("/", front),
            Route("/style.css", stylesheet),
            Route("/product/{slug}", product),
            Route("/cart", cart, methods=["GET"]),
            Route("/cart", update, methods=["POST"]),
            Route("/cart/add", add, methods=["POST"]),
        ]
    )
