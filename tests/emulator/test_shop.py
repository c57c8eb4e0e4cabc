"""The invented shop, over HTTP."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from glasshouse.emulator import Emulator
from glasshouse.emulator.shop.basket import Basket
from glasshouse.emulator.shop.catalogue import PRODUCTS


@pytest.fixture
async def visitor(emulator: Emulator) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=emulator.shop_url, follow_redirects=True) as browser:
        yield browser


async def test_the_front_shows_every_product_with_its_price(visitor: httpx2.AsyncClient) -> None:
    page = (await visitor.get("/")).text
    assert len(PRODUCTS) == 12
    assert all(product.name in page and f"€{product.price:.2f}" in page for product in PRODUCTS)
    assert "http" not in page.replace("http-equiv", "")  # nothing comes from elsewhere


async def test_search_and_category_narrow_the_shelf(visitor: httpx2.AsyncClient) -> None:
    assert "Dusk lamp" in (await visitor.get("/", params={"q": "porcelain"})).text
    assert "Ember mug" not in (await visitor.get("/", params={"q": "porcelain"})).text
    garden = (await visitor.get("/", params={"category": "Garden"})).text
    assert ("Seed tin" in garden, "Moss pot" in garden) == (True, False)
    assert "&lt;script&gt;" in (await visitor.get("/", params={"q": '"><script>'})).text


async def test_a_basket_adds_up_with_shipping_by_weight_and_country(visitor: httpx2.AsyncClient) -> None:
    await visitor.post("/cart/add", data={"slug": "moss-pot", "quantity": "1"})
    await visitor.post("/cart/add", data={"slug": "dusk-lamp", "quantity": "1"})
    page = await visitor.post("/cart", data={"quantity-moss-pot": "3", "country": "Norway"})
    assert "€146.00" in page.text
    assert "Shipping to Norway (4.39 kg)" in page.text
    assert "€179.20" in page.text
    emptied = await visitor.post("/cart", data={"quantity-moss-pot": "0", "quantity-dusk-lamp": "0"})
    assert "It is empty" in emptied.text


async def test_nonsense_does_no_harm(visitor: httpx2.AsyncClient) -> None:
    assert (await visitor.get("/product/unicorn")).status_code == 404
    await visitor.post("/cart/add", data={"slug": "unicorn", "quantity": "1"})
    page = await visitor.post("/cart/add", data={"slug": "quarry-plate", "quantity": "9"})
    assert "It is empty" in page.text  # sold out
    assert Basket.from_cookie("Atlantis_ember-mug*99_x*1") == Basket((("ember-mug", 20),), "Germany")
