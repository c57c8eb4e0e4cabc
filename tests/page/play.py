"""The play that looks are judged by: shopping, computing, an error, a retry, a built-in tool, a sub-agent."""

from typing import Any

from tests.page.story import Story

TASK = "Compare the three mugs in the shop and tell me which costs least per 100 ml. **Show the sum.**"
MUGS = """const mugs = [
  { name: 'Blue', ml: 330, price: 12 },
  { name: 'Stone', ml: 400, price: 13.5 },
  { name: 'Tin', ml: 500, price: 9.9 },
];
mugs.map((m) => [m.name, (m.price / m.ml * 100).toFixed(2)])"""
CHEAPEST = """function cheapest(list) {
  return list.toSorted((a, b) => a.price / a.ml - b.price / b.ml)[0];
}
console.log('cheapest', cheapest(mugs).name);
console.table(mugs);
cheapest(mugs)"""
TABLE = """┌─────────┬─────────┬─────┬───────┐
│ (index) │ name    │ ml  │ price │
├─────────┼─────────┼─────┼───────┤
│ 0       │ 'Blue'  │ 330 │ 12    │
│ 1       │ 'Stone' │ 400 │ 13.5  │
│ 2       │ 'Tin'   │ 500 │ 9.9   │
└─────────┴─────────┴─────┴───────┘"""
REPORT = """The **tin mug** costs least per 100 ml:

| mug | ml | price | per 100 ml |
|---|--:|--:|--:|
| Blue | 330 | 12.00 | 3.64 |
| Stone | 400 | 13.50 | 3.38 |
| Tin | 500 | 9.90 | **1.98** |

```js
price / ml * 100
```

Prices are without tax; see [the shop](https://shop.test/mugs)."""


def tell(story: Story, frame: str | None = None, second: str | None = None) -> None:
    """The whole play. `frame` and `second` are files to show in the browser."""
    story.put("runtime.attached", by="operator")
    story.user(TASK)
    story.running()
    story.put("agent.thinking", id="sevt_t1")
    story.agent("I'll look at the shop first, then compute the price per 100 ml.")
    shop(story, frame, second)
    overloaded = {"type": "model_overloaded_error", "message": "Overloaded", "retry_status": {"type": "retrying"}}
    story.put("session.error", id="sevt_e1", error=overloaded)
    story.running()
    compute(story)
    story.put("session.thread_created", id="sevt_th", session_thread_id="sthr_1", agent_name="Checker")
    command = {"command": "echo ok | tee report.txt"}
    story.put("agent.tool_use", id="sevt_b1", name="bash", input=command, evaluated_permission="allow")
    ok = [{"type": "text", "text": "ok"}]
    story.put("agent.tool_result", id="sevt_b2", tool_use_id="sevt_b1", content=ok)
    story.spent(5200, 640)
    story.agent(REPORT)
    story.idle()


def shop(story: Story, frame: str | None, second: str | None) -> None:
    """Four calls of the browser."""
    story.browse("browser_goto", "Opened shop.test/mugs", frame, input={"url": "https://shop.test/mugs"})
    story.browse("browser_read", "Read the page", frame, input={"query": "price"})
    story.spent()
    button = {"n": 8, "role": "button", "name": "Add Blue mug", "box": [60, 512, 148, 40]}
    story.browse(
        "browser_click",
        'Clicked [8] button "Add Blue mug"',
        second,
        input={"target": "[8]"},
        target=button,
        point=[134, 532],
        counts={"console_errors": 2, "failed_requests": 1},
        notes=['A dialog "Added!" was accepted'],
    )
    box = {"n": 12, "role": "searchbox", "name": "Search the shop", "box": [920, 31, 300, 34]}
    story.browse(
        "browser_type",
        'Typed into [12] searchbox "Search the shop"',
        second,
        input={"target": "[12]", "text": "stoneware mug"},
        target=box,
        point=[1050, 48],
        text="stoneware mug",
    )


def compute(story: Story) -> None:
    """Three calls of the REPL, one of them wrong."""
    story.evaluate(
        MUGS,
        n=1,
        result="[ [ 'Blue', '3.64' ], [ 'Stone', '3.38' ], [ 'Tin', '1.98' ] ]",
        symbols=new("mugs", "const", "Array", 3, "[ {…}, {…}, {…} ]"),
    )
    wrong = {"text": "Uncaught ReferenceError: cheapest is not defined\n    at REPL2:1:25", "line": 1, "column": 25}
    story.evaluate(
        "console.log('cheapest', cheapest(mugs));\nconsole.warn('prices without tax');",
        n=2,
        console=[{"level": "warn", "text": "prices without tax"}],
        error={**wrong, "kind": "ReferenceError"},
    )
    story.evaluate(
        CHEAPEST,
        n=3,
        result="{ name: 'Tin', ml: 500, price: 9.9 }",
        console=[{"level": "log", "text": "cheapest Tin"}, {"level": "log", "text": TABLE}],
        symbols=new("cheapest", "function", "Function", None, "[Function: cheapest]"),
    )


def new(name: str, kind: str, type: str, size: int | None, preview: str) -> dict[str, Any]:
    """One symbol that an entry set."""
    return {"set": [{"name": name, "kind": kind, "type": type, "size": size, "preview": preview}], "removed": []}
