"""The shop's pages as HTML. Everything a visitor typed is escaped on the way in."""

from decimal import Decimal
from html import escape

from glasshouse.emulator.shop.basket import MOST, Basket
from glasshouse.emulator.shop.catalogue import CATEGORIES, SHIPPING, Product
from glasshouse.emulator.shop.drawings import draw


def money(amount: Decimal) -> str:
    return f"€{amount:.2f}"


def _page(root: str, title: str, basket: Basket, body: str) -> str:
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>{escape(title)} · Fern &amp; Kiln</title><link rel="stylesheet" href="{root}/style.css">
<link rel="icon" href="data:,"></head><body>
<header class="top"><a class="brand" href="{root}/">Fern <i>&amp;</i> Kiln</a>
<nav><a href="{root}/">Shop</a> <a href="{root}/cart">Basket ({basket.count})</a></nav></header>
<main>{body}</main>
<footer class="foot">Made slowly, sent twice a week. Prices include tax. This shop is invented.</footer>
</body></html>"""


def front(root: str, basket: Basket, found: list[Product], query: str, category: str) -> str:
    options = "".join(f"<option{' selected' if name == category else ''}>{name}</option>" for name in CATEGORIES)
    heading = f"{len(found)} of our things" if query or category else "Things for the table and the window sill"
    empty = '<p class="empty">Nothing like that on the shelves. Try a shorter word.</p>'
    body = f"""<h1>{heading}</h1>
<form class="find" method="get" action="{root}/" role="search">
<label>Search <input type="search" name="q" value="{escape(query)}" placeholder="mug, light, seeds…"></label>
<label>Category <select name="category"><option value="">All</option>{options}</select></label>
<button>Find</button></form>
<ul class="grid">{"".join(_card(root, product) for product in found)}</ul>{"" if found else empty}"""
    return _page(root, "Shop", basket, body)


def _card(root: str, product: Product) -> str:
    sold_out = '<span class="out">sold out</span>' if not product.stock else ""
    return f"""<li class="card"><div class="art">{draw(product.shape, product.colour)}</div>
<h2><a href="{root}/product/{product.slug}">{product.name}</a></h2>
<p class="price">{money(product.price)} {sold_out}</p><p class="line">{product.line}</p></li>"""


def product_page(root: str, basket: Basket, product: Product) -> str:
    stock = f"{product.stock} in stock" if product.stock else "Sold out"
    shelf = f'<a href="{root}/?category={product.category}">{product.category}</a>'
    body = f"""<p class="crumbs">{shelf} / {product.name}</p>
<article class="product"><div class="art big">{draw(product.shape, product.colour)}</div>
<div><h1>{product.name}</h1><p class="price">{money(product.price)}</p><p>{product.about}</p>
<table><tr><th>Weight</th><td>{product.weight_g} g</td></tr><tr><th>Category</th><td>{product.category}</td></tr>
<tr><th>Availability</th><td>{stock}</td></tr></table>{_add_form(root, product, basket)}</div></article>"""
    return _page(root, product.name, basket, body)


def _add_form(root: str, product: Product, basket: Basket) -> str:
    if not product.stock:
        return '<button disabled>Add to basket</button><p class="note">Back when the kiln allows.</p>'
    held = basket.count_of(product.slug)
    note = f'<p class="note">{held} in your basket.</p>' if held else ""
    most = min(MOST, product.stock)
    return f"""<form class="buy" method="post" action="{root}/cart/add">
<input type="hidden" name="slug" value="{product.slug}">
<label>Quantity <input type="number" name="quantity" value="1" min="1" max="{most}"></label>
<button>Add to basket</button></form>{note}"""


def cart(root: str, basket: Basket) -> str:
    if not basket.lines:
        body = f'<h1>Your basket</h1><p class="empty">It is empty. <a href="{root}/">Look around</a>.</p>'
        return _page(root, "Your basket", basket, body)
    countries = "".join(f"<option{' selected' if name == basket.country else ''}>{name}</option>" for name in SHIPPING)
    body = f"""<h1>Your basket</h1><form method="post" action="{root}/cart">
<table class="basket"><thead><tr><th>Thing</th><th>Each</th><th>Quantity</th><th>Together</th></tr></thead>
<tbody>{"".join(_basket_line(root, product, count) for product, count in basket.lines)}</tbody></table>
<div class="send"><label>Country <select name="country">{countries}</select></label><button>Update basket</button></div>
</form>{_sums(basket)}"""
    return _page(root, "Your basket", basket, body)


def _basket_line(root: str, product: Product, count: int) -> str:
    label = f"Quantity of {product.name}"
    most = min(MOST, product.stock)
    return f"""<tr><td><a href="{root}/product/{product.slug}">{product.name}</a></td><td>{money(product.price)}</td>
<td><input type="number" name="quantity-{product.slug}" value="{count}" min="0" max="{most}" aria-label="{label}"></td>
<td>{money(product.price * count)}</td></tr>"""


def _sums(basket: Basket) -> str:
    kilograms = f"{basket.weight_g / 1000:.2f} kg"
    return f"""<table class="sums"><tr><th>Subtotal</th><td>{money(basket.subtotal)}</td></tr>
<tr><th>Shipping to {basket.country} ({kilograms})</th><td>{money(basket.shipping)}</td></tr>
<tr class="total"><th>Total</th><td>{money(basket.subtotal + basket.shipping)}</td></tr></table>"""


def not_found(root: str, basket: Basket) -> str:
    return _page(root, "Not here", basket, f'<h1>Not on our shelves</h1><p><a href="{root}/">Back to the shop</a></p>')
