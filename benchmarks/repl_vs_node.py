"""The kit's answers against Node's REPL's: each step's value, error and console apart, and the names that are left.

Run: python -m benchmarks.repl_vs_node [FILE.txt …] [--show]. Needs node on PATH. In a file of sequences `=== name`
begins one, each other line is a step, `<<<` and `>>>` hold a step of several lines, `# why: …` says why the next step
differs, `# names a b: …` why those names do. A name counts as equal if both have it, of one kind (a global's is not to
be seen in Node, so var and function count as one) and with the same value.
"""

import argparse
import asyncio
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glasshouse.catalog import catalog_of
from glasshouse.log import Log
from glasshouse.runtime.kits import Kits
from glasshouse.store.sqlite import open_sqlite
from tools.repl.definition import kit
from tools.repl.session import Session

_ORACLE = Path(__file__).with_suffix(".mjs")
SEQUENCES = Path(__file__).with_name("repl_sequences")
_FRAMES = re.compile(r"\n *at .*?( \{|,)?(?=\n|$)|\n +\.\.\. \d+ lines matching cause stack trace \.\.\.")
_ASYNC_IDS = re.compile(r",?\s*\[Symbol\((?:trigger_)?async_id_symbol\)\]: \d+")
_BRACKETS = re.compile(r"\[(\w*Error\b[^\]\n]*)\]")  # around an error that has no frames
_CODE = re.compile(r"^\[?([\w$]+) \[ERR_\w+\]:")
_UNCAUGHT = re.compile(r"(?:.*\n)*?Uncaught(?: |:\n)")
_MOST_NAMES = 1000


@dataclass(frozen=True)
class Sequence:
    """Steps that are given to one session; `meant` are the steps and names that differ for a reason that is given."""

    name: str
    steps: tuple[str, ...]
    meant: frozenset[str]


@dataclass(frozen=True)
class Step:
    """What became of a step: a value as it is printed, or the words of what was thrown; what the console got."""

    value: str | None
    thrown: str | None
    console: str
    more: bool = False  # Node waits for more lines
    text: str = ""  # what stands after "Uncaught"


@dataclass(frozen=True)
class Name:
    """A name that is left, the kinds it may be of, and its value as it is printed."""

    kinds: frozenset[str]
    value: str


@dataclass(frozen=True)
class Answer:
    """One side's answer to a sequence."""

    steps: list[Step]
    names: dict[str, Name]


def read(file: Path) -> list[Sequence]:
    """The sequences of a file."""
    texts = re.split(r"^=== (.*)\n", file.read_text("utf-8"), flags=re.MULTILINE)[1:]
    return [_sequence(name, text) for name, text in zip(texts[::2], texts[1::2], strict=True)]


def _sequence(name: str, text: str) -> Sequence:
    steps: list[str] = []
    meant: set[str] = set()
    marked = False
    for line in re.findall(r"^<<<\n(?s:.*?)\n>>>$|^.+$", text, re.MULTILINE):
        if line.startswith("# why: "):
            marked = True
        elif line.startswith("# names "):
            meant.update(line.removeprefix("# names ").split(": ")[0].split())
        else:
            steps.append(line.removeprefix("<<<\n").removesuffix("\n>>>"))
            if marked:
                meant.add(steps[-1])
            marked = False
    return Sequence(name, tuple(steps), frozenset(meant))


def comparable(text: str) -> str:
    """Without stack frames and the ids of async hooks, neither of which is ours to have."""
    return _BRACKETS.sub(r"\1", _FRAMES.sub(lambda found: found.group(1) or "", text)).strip()


def same(node: str | None, ours: str | None) -> bool:
    """The same value: where Node's lines are broken for its ids, only the words count."""
    if node is None or ours is None or not _ASYNC_IDS.search(node):
        return node == ours
    return "".join(_ASYNC_IDS.sub("", node).split()) == "".join(ours.split())


async def node_answers(sequences: list[Sequence]) -> list[Answer]:
    """Node's own."""
    pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
    process = await asyncio.create_subprocess_exec("node", str(_ORACLE), **pipes)  # type: ignore[arg-type]
    out, _ = await process.communicate(json.dumps([each.steps for each in sequences]).encode())
    return [
        Answer(
            [_of_node(**step) for step in answer["steps"]],
            {name["name"]: Name(frozenset(name["kinds"]), comparable(name["value"])) for name in answer["names"]},
        )
        for answer in json.loads(out)
    ]


def _of_node(text: str, value: str | None, thrown: str | None, more: bool) -> Step:
    if thrown is not None:
        words = _UNCAUGHT.sub("", text, count=1)
        console = "" if thrown.startswith("SyntaxError") else text.removesuffix(words).strip()
        console = console.removesuffix(":").removesuffix("Uncaught")
        return Step(None, thrown, comparable(console), more, words)
    console = text if value is None else _without(text, value)
    return Step(value and comparable(value), None, comparable(console), more)


def _without(text: str, value: str) -> str:
    """What the console got: promise jobs may write after the value."""
    if text.endswith(value):
        return text.removesuffix(value)
    return re.sub(rf"(^|\n){re.escape(value)}(?=\n)", "", text, count=1)


class Ours:
    """The kit on a store of its own."""

    def __init__(self, kits: Kits, log: Log) -> None:
        self._kits = kits
        self._log = log

    async def answer(self, sequence: Sequence) -> Answer:
        """The kit's answer to a sequence."""
        session = f"sesn_{sequence.name}"
        steps = [await self._step(session, step) for step in sequence.steps]
        held = self._kits.slot(session, kit.name).state
        assert held is not None
        state: Session = await held.open()
        names = (await state.names("", _MOST_NAMES))["symbols"]
        found = {
            each["name"]: Name(frozenset({each["kind"]}), await self._probe(session, each["name"])) for each in names
        }
        await self._kits.sleep(session)
        return Answer(steps, found)

    async def _step(self, session: str, code: str) -> Step:
        await self._kits.run(session, kit, kit.tools["js_repl"], {"code": code}, "sevt")
        last = [
            event for event in await self._log.store.events(session, limit=100_000) if event.type == "repl.evaluated"
        ]
        data: dict[str, Any] = dict(last[-1].data)
        console = comparable("\n".join(line["text"] for line in data["console"]))
        if data["error"]:
            text = _UNCAUGHT.sub("", data["error"]["text"], count=1)
            return Step(None, text, console)
        return Step(comparable(data["result"]), None, console)

    async def _probe(self, session: str, name: str) -> str:
        step = await self._step(session, name)
        return step.value if step.value is not None else f"Uncaught {step.thrown}"


async def our_answers(sequences: list[Sequence]) -> list[Answer]:
    """The kit's."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_sqlite(Path(folder)) as store:
            log = Log(store)
            assert kit.settings
            kits = Kits(catalog_of(kit), log, {kit.name: kit.settings(limit_s=30, parked_mb=0, ready=2)})
            try:
                ours = Ours(kits, log)
                return [await ours.answer(sequence) for sequence in sequences]
            finally:
                await kits.close()


def same_error(node: Step, ours: Step) -> bool:
    """Both threw nothing, or errors of one name and message; ours goes on with frames, properties and hints."""
    if node.thrown is None or ours.thrown is None:
        return node.thrown is ours.thrown
    begins = _CODE.sub(r"\1:", ours.thrown).lstrip("[")
    same_words = bool(re.match(re.escape(node.thrown) + r"(?:\n|\]|\s*\{|\s\(|$)", begins))
    return same_words or comparable(ours.thrown) == comparable(node.text)


@dataclass(frozen=True)
class Difference:
    """Where the two do not agree: in a `what` of a sequence's `where`."""

    what: str
    sequence: str
    where: str
    node: str
    ours: str
    meant: bool


def differences(sequence: Sequence, node: Answer, ours: Answer) -> Iterator[Difference]:
    """All of one sequence."""

    def found(what: str, where: str, left: str | None, right: str | None) -> Difference:
        return Difference(what, sequence.name, where, str(left), str(right), meant=where in sequence.meant)

    for code, theirs, mine in zip(sequence.steps, node.steps, ours.steps, strict=True):
        if not same(theirs.value, mine.value):
            yield found("value", code, theirs.value or theirs.thrown, mine.value or mine.thrown)
        if theirs.more or not same_error(theirs, mine):
            yield found("error", code, theirs.thrown or theirs.value, mine.thrown or mine.value)
        if theirs.console != mine.console:
            yield found("console", code, theirs.console, mine.console)
    for name in {**node.names, **ours.names}:
        left, right = node.names.get(name), ours.names.get(name)
        if not (left and right and left.kinds & right.kinds and same(left.value, right.value)):
            yield found("name", name, _shown(left), _shown(right))


async def compare(sequences: list[Sequence]) -> tuple[list[Answer], list[Answer]]:
    """Node's answers and the kit's."""
    return await asyncio.gather(node_answers(sequences), our_answers(sequences))


def _shown(name: Name | None) -> str:
    return f"{'|'.join(sorted(name.kinds))} = {name.value}" if name else "–"


async def main() -> None:
    """Print the differences, then the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*", default=sorted(SEQUENCES.glob("*.txt")))
    parser.add_argument("--show", action="store_true", help="print every difference")
    options = parser.parse_args()
    for file in options.files:
        sequences = read(file)
        node, ours = await compare(sequences)
        wrong: Counter[str] = Counter()
        unexplained = 0
        for difference in (d for all_ in zip(sequences, node, ours, strict=True) for d in differences(*all_)):
            wrong[difference.what] += 1
            unexplained += not difference.meant
            if options.show or not difference.meant:
                print(json.dumps(difference.__dict__, ensure_ascii=False))
        steps = sum(len(each.steps) for each in sequences)
        names = sum(len({**left.names, **right.names}) for left, right in zip(node, ours, strict=True))
        told = f"{unexplained} differences without a reason"
        print(f"{file.name}: {len(sequences)} sequences, {steps} steps, {names} names, {told}")
        for what, of in {"value": steps, "error": steps, "console": steps, "name": names}.items():
            print(f"  {what}: {of - wrong[what]} of {of} equal, {100 * (of - wrong[what]) / of:.1f} %")


if __name__ == "__main__":
    asyncio.run(main())
