"""A visitor's basket: what is in it, what it weighs and costs. It lives in a cookie."""

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from glasshouse.emulator.shop.catalogue import BY_SLUG, SHIPPING, Product

MOST = 20  # of one thing
_LINE = re.compile(r"([a-z-]+)\*(\d{1,2})")


@dataclass(frozen=True)
class Basket:
    quantities: tuple[tuple[str, int], ...] = ()
    country: str = "Germany"

    @classmethod
    def from_cookie(cls, text: str) -> "Basket":
        country, _, lines = text.partition("_")
        basket = cls().bound_for(country)
        for slug, count in _LINE.findall(lines):
            basket = basket.with_quantity(slug, int(count)) if slug in BY_SLUG else basket
        return basket

    def cookie(self) -> str:
        return self.country + "_" + "_".join(f"{slug}*{count}" for slug, count in self.quantities)

    def with_quantity(self, slug: str, count: int) -> "Basket":
        """Set how many of one thing; none takes it out. Never more than `MOST` or than there are."""
        wanted = max(0, min(count, MOST, BY_SLUG[slug].stock))
        quantities = {**dict(self.quantities), slug: wanted}
        return replace(self, quantities=tuple((slug, n) for slug, n in quantities.items() if n))

    def bound_for(self, country: str) -> "Basket":
        return replace(self, country=country) if country in SHIPPING else self

    def count_of(self, slug: str) -> int:
        return dict(self.quantities).get(slug, 0)

    @property
    def lines(self) -> list[tuple[Product, int]]:
        return [(BY_SLUG[slug], count) for slug, count in self.quantities]

    @property
    def count(self) -> int:
        return sum(count for _, count in self.quantities)

    @property
    def weight_g(self) -> int:
        return sum(product.weight_g * count for product, count in self.lines)

    @property
    def subtotal(self) -> Decimal:
        return sum((product.price * count for product, count in self.lines), Decimal(0))

    @property
    def shipping(self) -> Decimal:
        if not self.quantities:
            return Decimal(0)
        first, further = SHIPPING[self.country]
        begun = -(-self.weight_g // 1000)
        return first + further * (begun - 1)
