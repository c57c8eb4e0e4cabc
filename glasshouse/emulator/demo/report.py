"""The report's HTML, piece by piece, as the agent writes it into the live page. Names come from a web page: escaped."""

from collections.abc import Mapping, Sequence
from html import escape

from glasshouse.emulator.demo.reading import Item

STYLE = """
#content { max-width: 46rem; margin: 0 auto; padding: 1rem }
.shelf { display: grid; gap: .35rem; margin: 1rem 0 }
.shelf div { display: grid; grid-template-columns: 11rem 1fr 4rem; gap: .6rem; align-items: center; font-size: .95rem }
.shelf i { display: block; height: .8rem; border-radius: .4rem; background: #d97757; opacity: .55 }
.shelf .pick i { opacity: 1 }
.shelf .pick b { color: #b5563c }
.shelf .gone { opacity: .45; text-decoration: line-through }
.bill { border-collapse: collapse; margin: 1rem 0 }
.bill td { padding: .3rem 1.4rem .3rem 0; border-bottom: 1px solid #e6ddcf }
.bill tr:last-child td { font-weight: 700; border-bottom: 3px double }
.check { padding: .7rem 1rem; border-left: 4px solid #5a8f5a; background: #5a8f5a18 }
.check.off { border-color: #c2452d; background: #c2452d18 }
"""


def opening(budget: int, country: str) -> str:
    aim = f"Three things from Fern &amp; Kiln for at most €{budget}, posted to {country}."
    return f"<h1>A present for a new kitchen</h1><p>{aim}</p>"


def shelf(things: Sequence[Item], picks: Sequence[str]) -> str:
    """The prices as bars; what was picked stands out, what is sold out is struck."""
    most = max(thing.price for thing in things)
    rows = []
    for thing in sorted(things, key=lambda each: each.price):
        kind = "pick" if thing.name in picks else "gone" if thing.soldOut else ""
        bar = f'<i style="width:{100 * thing.price / most:.0f}%"></i>'
        rows.append(f'<div class="{kind}"><b>{escape(thing.name)}</b>{bar}<span>€{thing.price:.2f}</span></div>')
    return f'<h2>What is on the shelf</h2><section class="shelf" id="shelf">{"".join(rows)}</section>'


def choice(picks: Sequence[str], mean: float, weights: Mapping[str, int]) -> str:
    listed = " and ".join(f"<strong>{escape(name)}</strong> ({weights[name]} g)" for name in picks)
    return f'<section id="choice"><h2>The choice</h2><p>{listed}. The shelf costs €{mean:.2f} on average.</p></section>'


def bill(lines: Sequence[tuple[str, float]]) -> str:
    rows = "".join(f"<tr><td>{escape(label)}</td><td>€{amount:.2f}</td></tr>" for label, amount in lines)
    return f'<section id="bill"><h2>The bill</h2><table class="bill"><tbody>{rows}</tbody></table></section>'


def check(*, agrees: bool, expected: float, total: float) -> str:
    if agrees:
        return f'<p class="check">Added up again in the REPL: €{expected:.2f}. The shop agrees.</p>'
    return f'<p class="check off">The REPL makes it €{expected:.2f}, the shop says €{total:.2f}.</p>'
