"""What the shop sells and what it costs to send it."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Product:
    slug: str
    name: str
    category: str
    price: Decimal  # euros
    weight_g: int
    stock: int
    shape: str  # which drawing
    colour: str
    line: str
    about: str


def _product(
    slug: str, name: str, category: str, price: str, weight_g: int, stock: int, look: str, *text: str
) -> Product:
    shape, colour = look.split()
    return Product(slug, name, category, Decimal(price), weight_g, stock, shape, colour, *text)


PRODUCTS = (
    _product(
        "ember-mug", "Ember mug", "Tableware", "14.50", 340, 23, "mug #b5563c",
        "Holds a long breakfast.",
        "Thrown in one piece, dipped twice in a rust glaze that breaks to gold at the rim. Room for three fingers.",
    ),
    _product(
        "harbour-bowl", "Harbour bowl", "Tableware", "22.00", 610, 11, "bowl #3f6f86",
        "Soup, noodles, or keys by the door.",
        "A deep bowl with a narrow foot, glazed the blue of water under a quay. Stacks four high without a wobble.",
    ),
    _product(
        "quarry-plate", "Quarry plate", "Tableware", "18.00", 720, 0, "plate #8b8378",
        "Flat, heavy, unbothered.",
        "Pressed from speckled stoneware and left raw underneath, so that it stays where you put it.",
    ),
    _product(
        "thimble-cup", "Thimble cup", "Tableware", "9.50", 150, 48, "cup #d9a441",
        "Two sips of very good coffee.",
        "The smallest thing we make. Warms in the hand, cools in a minute, washes in a second.",
    ),
    _product(
        "moss-pot", "Moss pot", "Pots", "26.00", 980, 9, "pot #6d7f4f",
        "For something that sulks in winter.",
        "A wide planter with a drain and a hidden saucer. The matt green comes from copper, ash and patience.",
    ),
    _product(
        "lantern-pot", "Lantern pot", "Pots", "34.00", 1240, 5, "pot #a6674a",
        "A tall home for tall leaves.",
        "Cut with a pattern of small windows above the soil line; a candle in an empty one throws them on the wall.",
    ),
    _product(
        "hanging-saucer", "Hanging saucer", "Pots", "29.50", 530, 14, "hanging #7d93a1",
        "A trailing plant's balcony.",
        "A shallow dish on three waxed cords, light enough for a plaster ceiling and a small hook.",
    ),
    _product(
        "reed-vase", "Reed vase", "Pots", "41.00", 860, 7, "vase #c9b79c",
        "One stem is enough.",
        "Pulled tall and thin on the wheel. No two lean the same way, and each was turned to lean a little.",
    ),
    _product(
        "dusk-lamp", "Dusk lamp", "Light", "68.00", 1450, 6, "lamp #d07b4f",
        "Evening, with a switch.",
        "A porcelain shade so thin that it glows. The cord is linen, the plug is European, the bulb is included.",
    ),
    _product(
        "candle-dish", "Candle dish", "Light", "12.00", 280, 31, "dish #9c6f8f",
        "Catches what drips.",
        "A low dish with a finger ring. Made from the clay left at the end of each day, so its colour wanders.",
    ),
    _product(
        "copper-can", "Copper watering can", "Garden", "54.00", 890, 4, "can #b87333",
        "A long neck for the back row.",
        "A litre and a half, balanced when full, with a rose that comes off for seedlings. It will darken; let it.",
    ),
    _product(
        "seed-tin", "Seed tin", "Garden", "16.50", 210, 19, "tin #5f7f78",
        "Twelve months in one box.",
        "A tin with a card for each month and a lid that shuts with a click. Seeds are yours to choose.",
    ),
)  # fmt: skip
CATEGORIES = tuple(dict.fromkeys(product.category for product in PRODUCTS))
BY_SLUG = {product.slug: product for product in PRODUCTS}

# country → (to send the first kilogram, each further one begun), euros
SHIPPING = {
    "Austria": (Decimal("6.90"), Decimal("1.50")),
    "Belgium": (Decimal("7.40"), Decimal("1.80")),
    "Denmark": (Decimal("8.90"), Decimal("2.20")),
    "France": (Decimal("7.90"), Decimal("1.90")),
    "Germany": (Decimal("4.90"), Decimal("1.00")),
    "Ireland": (Decimal("11.50"), Decimal("3.10")),
    "Italy": (Decimal("8.40"), Decimal("2.00")),
    "Netherlands": (Decimal("6.20"), Decimal("1.40")),
    "Norway": (Decimal("14.80"), Decimal("4.60")),
    "Portugal": (Decimal("9.60"), Decimal("2.60")),
    "Spain": (Decimal("9.10"), Decimal("2.40")),
    "Sweden": (Decimal("9.30"), Decimal("2.30")),
}


def search(query: str, category: str) -> list[Product]:
    words = query.lower().split()
    return [
        product
        for product in PRODUCTS
        if category in ("", product.category)
        and all(word in f"{product.name} {product.line} {product.about}".lower() for word in words)
    ]
