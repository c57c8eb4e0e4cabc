"""Fragments, places and documents from which edits are drawn: what agents write, and what is awkward in HTML."""

import random
from dataclasses import dataclass
from typing import Any

FRAGMENTS = [
    "text only", "<p>one", "<p>one<p>two", "<div>a<p>b</div>c", "<b>x<i>y</b>z</i>", "<a href=#>x<a href=#>y</a></a>",
    "<li>one<li>two", "<ul><li>a<ul><li>b</ul></ul>", "<tr><td>z", "<tr><td>1<td>2<tr><th>3", "<td>cell<td>other",
    "<tbody><tr><td>q</tbody>", "<thead><tr><th>h", "<caption>c</caption>", "<col><col>", "<table><tr><td>in</table>",
    "<table>stray<tr><td>x", "<option>o1<option selected>o2", "<optgroup label=g><option>x", "<select><option>1</select>",
    "<svg viewBox='0 0 9 9'><circle r=3 /><g><path d=M0 /></g></svg>", "<circle r=1 /><text>t</text>",
    "<math><mi>x</mi><mo>=</mo></math>", "<mi>y</mi>", "<foreignObject><p>html</foreignObject>",
    "<template><tr><td>t</template>", "<details><summary>s</summary>d</details>", "<details open>o</details>",
    "<form><input name=a value=1><form><input></form>", "<button>b<button>c", "<button><p>x</p></button>",
    "<h1>a<h2>b", "<dl><dt>t<dd>d<dt>u", "<dt>x<dd>y", "<pre>\n\nkeep  it</pre>", "<textarea>\n t<b>x</textarea>",
    "<script type=text/plain>a<b && c</script>", "<style>p > b { color: red }</style>", "<!-- note -->after",
    "<img src=data:,x alt='a \"q\" b'>", "<br><hr><wbr>", "<p>a<table><tr><td>b</table>c", "<ruby>x<rt>y<rp>z</ruby>",
    "&amp;&lt;&nbsp;&copy;", "\u00e9\u00a0\U0001f600", "<i><p>x</p></i>", "<nobr>a<nobr>b", "<article><header>h</header>t",
    "<input type=hidden><input type=checkbox checked>", "<label>l<input></label>", "<span title='<b>'>s</span>",
    "<noscript><p>no</p></noscript>", "<video controls><source src=data:,></video>", "<font color=red>f</font>",
    "</p>stray", "</div></body>end", "<body class=b>in", "<html lang=x>in", "<head><title>t</title></head>x", "<frame>f",
    "<x-card><slot name=a></slot></x-card>", "<p hidden data-x='1'>h", "<main><section><h2>t</h2></section></main>",
    "<iframe srcdoc='<p>x'></iframe>", "<object>o<p>x</object>", "<marquee>m<b>", "<title>tt</title>", "<plaintext-x>p",
    "<svg><p>out</svg>after", "<svg><title><b>x</b></title><desc>d</desc></svg>", "<center>c<p>d</center>", "",
]  # fmt: skip

DOCUMENT = (
    "<!DOCTYPE html><html lang=en><head><title>T</title><style id=s0>p{}</style></head><body>"
    "<header id=hero><h1>Title</h1></header><main id=content><p id=p>para <b id=b>bold <i id=i>it</i></b> <a id=a href=#>l</a></p>"
    "<ul id=ul><li id=li1>one</li><li id=li2>two</li></ul><table id=table><caption id=cap>c</caption><thead id=thead><tr><th>h</th></tr>"
    "</thead><tbody id=tbody><tr id=tr><td id=td>1</td><td>2</td></tr></tbody></table><select id=select><option id=opt>1</option>"
    "<optgroup id=og label=g><option>2</option></optgroup></select><form id=form><input id=input value=v><textarea id=ta>t</textarea>"
    "<button id=button>b</button><label id=label>l</label></form><svg id=svg viewBox='0 0 9 9'><g id=g><circle id=circle r=1></circle></g>"
    "<foreignObject id=fo><p>h</p></foreignObject></svg><math id=math><mi id=mi>x</mi></math><template id=tpl><p>in</p></template>"
    "<details id=details><summary id=summary>s</summary><p>d</p></details><pre id=pre>x\n y</pre><dl id=dl><dt id=dt>t</dt><dd id=dd>d</dd></dl>"
    "<div id=div><div class='card wide'><h3>c</h3></div><div class=card></div></div><section id=section></section><span id=span></span>"
    "<object id=object></object><h2 id=h2>h</h2></main><footer id=footer>f</footer></body></html>"
)

PLACES = [
    "p", "b", "i", "a", "ul", "li1", "li2", "table", "cap", "thead", "tbody", "tr", "td", "select", "opt", "og", "form",
    "button", "label", "svg", "g", "circle", "fo", "math", "mi", "tpl", "details", "summary", "pre", "dl", "dt", "div",
    "section", "span", "object", "h2", "content", "hero", "footer",
]  # fmt: skip
OPERATIONS = ["inner", "before", "after", "append", "prepend"]


@dataclass(frozen=True)
class Case:
    """An edit of DOCUMENT."""

    place: str
    operation: str
    html: str

    def tool(self) -> tuple[str, dict[str, Any]]:
        """The tool and its input."""
        if self.operation == "inner":
            return "page_set_html", {"selector": f"#{self.place}", "html": self.html}
        return "page_add_block", {"anchor": f"#{self.place}", "position": self.operation, "html": self.html}


def edit_cases(count: int, seed: int = 1) -> list[Case]:
    """That many different edits, drawn from all there are."""
    every = [Case(p, o, f) for p in PLACES for o in OPERATIONS for f in FRAGMENTS if o == "inner" or f]
    return random.Random(seed).sample(every, count)


SELECTORS = [
    "p", "#p", "*", "p, li", "ul li", "ul > li", "li + li", "h1 ~ p", "p ~ ul", ".card", ".card.wide", "div.card", ".CARD",
    "[id]", "[id=p]", "[id='p']", '[id="p"]', "[class~=wide]", "[class^=card]", "[class$=wide]", "[class*='rd w']", "[lang|=en]",
    "[ID=p]", "[id=P]", "[id=P i]", "[id='p' s]", "[value=v]", "[type]", "input[value]", "[viewBox]", "svg[viewBox]", "[viewbox]",
    ":root", ":root > body", "html", "head > title", ":empty", "section:empty", "span:empty", "li:first-child", "li:last-child",
    "li:only-child", "th:only-child", "li:nth-child(2)", "li:nth-child(odd)", "li:nth-child(2n+1)", "li:nth-child(-n+1)",
    "li:nth-last-child(1)", ":nth-child(1 of .card)", ":nth-child(2 of .card)", ":nth-last-child(1 of div)", "p:first-of-type",
    "p:last-of-type", "td:nth-of-type(2)", "td:nth-last-of-type(1)", "h3:only-of-type", "div:not(.wide)", ":not(p)", ":not(p, div)",
    "li:not(:first-child)", ":is(p, li)", ":is(ul, dl) > *", ":where(p)", ":is()", ":is(:foo, p)", ":where(p, ::x)", "div:has(h3)",
    "div:has(> h3)", "p:has(b i)", "li:has(+ li)", ":has(#i)", "main:has(table, x)", "p:has(:not(b))", ":has()", "div:has(:has(h3))",
    "table tr td", "tbody tr", "table > tr", "table > tbody > tr", "select option", "optgroup > option", "svg *", "svg circle",
    "circle", "g > circle", "foreignObject", "foreignobject", "FOREIGNOBJECT", "svg foreignObject p", "math mi", "template p",
    "template > *", "#tpl p", "tpl", "details > summary", "summary + p", "details[open]", "form input", "form > *", "a[href]",
    "a[href='#']", "a[href^='#']", ":link", ":any-link", ":visited", "a:link", ":checked", "option:checked", "input:checked",
    ":disabled", ":enabled", "input:enabled", "button:enabled", ":required", ":optional", "input:optional", ":read-only",
    "input:read-only", ":read-write", "input:read-write", ":placeholder-shown", ":default", ":indeterminate", ":in-range", ":valid",
    ":lang(en)", ":lang(de)", "p:lang(en)", ":target", ":scope", ":scope > body", ":hover", ":focus", ":active", ":defined", "x-y:defined",
    "P", "LI", "#P", "body *", "* > *", "*|*", "*|p", "|p", "svg|circle", "p b i", "p > b > i", "p>b>i", "  p  ", "p\n>\tb", "p/**/b",
    "p,", ",p", "p,,li", "", "#", ".", "#1abc", ".1x", "#\\31 abc", "p..x", "p >", "> p", "p > > b", "p + ~ b", "p:", "p::", ":nth-child()",
    ":nth-child(foo)", ":nth-child(2n + )", ":nth-child(2n+1 of)", ":not()", ":not(", ":not(p", "[id", "[id=", "[id=]", "[=x]", "[id=a b]",
    "[id='a]", "[id=\"p\"", "p:foo", "p:hover()", "p::before", "p::first-line", "::slotted(p)", ":host", "p:contains('x')", "p:eq(0)", "li:first",
    "p!", "p & b", "& p", "@p", "p$", "p%", "{}", "p{}", "p;", "\\", "p\\", "\\70", "\\70 ", "#\\70", ".card\\.wide", ".\\63 ard", "p /* c", "--x", "-",
    "-p", "_p", "é", "#é", "p\\:x", ".md\\:w-1", ".md:w-1", ":nth-child(n)", ":nth-child(0)", ":nth-child(-1)", ":nth-child(+3)", ":nth-child( 2n )",
    ":NTH-CHILD(1)", ":Not(p)", "p:FIRST-CHILD", "[id=\\70]", "[data-x]", "[xlink|href]", "[*|id]", "[|id=p]", "p:not(:has(b))", ":has(> b, > h3)",
    "div > .card:first-child", ".card + .card", ".card ~ .card", "main > :nth-child(3)", "main > *:last-child", "main>:last-child", ":first-child:last-child",
    "h1, h2, h3", "header h1, footer", "#content #p", "#content > #b", "ul#ul", "li#li1", "li#li2.x", "p#p b#b i#i", "*#p", "*.card", "*[id=p]", ":is(p):not(.x)",
    ":not(:is(p, li))", ":not(:not(p))", ":nth-child(even of li)", "tr > :nth-child(2)", "dt + dd", "dl > dt ~ dd", "label, button", "input, textarea, select",
    "textarea", "pre", "object", "title", "style", "head *", "meta", "html > head", "html:root", "body:only-of-type", "p:nth-of-type(n+2)", "li:nth-child(n of [id])",
    "p:is(#p)", "p:matches(#p)", ":-webkit-any(p)", "p:-moz-any(b)", "input:-webkit-autofill", ":nth-col(1)", ":blank", ":playing", ":open", "details:open",
    ":popover-open", ":modal", ":fullscreen", ":user-valid", ":dir(ltr)", ":dir(rtl)", ":state(x)", ":has(:scope)", ":current", "p:empty", "i:not(:empty)", "a b, a i",
]  # fmt: skip
