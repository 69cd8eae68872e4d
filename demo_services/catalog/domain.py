"""What the shop sells."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """`few_left` is what inventory said last about its stock."""

    sku: str
    name: str
    price_cents: int
    few_left: bool = False


ASSORTMENT = (
    Product("mug-blue", "Blue mug", 1_250),
    Product("lamp-desk", "Desk lamp", 4_900),
    Product("notebook-a5", "Notebook A5", 690),
    Product("pen-ink", "Ink pen", 1_990),
    Product("bag-tote", "Tote bag", 1_500),
    Product("bottle-steel", "Steel bottle", 2_450),
    Product("socks-wool", "Wool socks", 1_190),
    Product("clock-wall", "Wall clock", 3_750),
)
