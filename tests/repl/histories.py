"""Random histories of a session: what people keep in a REPL, what is done with it, and what goes wrong in between.

A `Thing` is state of one kind: how it is made, what changes it, and a probe that shows all of it, hidden parts too. Probes
may use their thing up: they are asked of a worker directly, beside the journal.
"""

# ruff: noqa: E501 (a program on one line is easier to compare than one cut in two)

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Thing:
    """Texts in which `{i}` is a number of its own and `{n}` any small number."""

    make: str
    change: str
    probe: str


@dataclass(frozen=True)
class History:
    """The calls, the few that need a limit of their own in ms, and the probes."""

    calls: list[str]
    limits: dict[int, int]
    probes: list[str]


THINGS = [
    Thing("const c{i} = (() => {{ let n = {n}; return {{ up: by => n += by, get: () => n }} }})()", "c{i}.up(Math.random())", "c{i}.get()"),
    Thing("class V{i} {{ #s = Math.random(); static #made = 0; static made() {{ return V{i}.#made }} constructor() {{ V{i}.#made++ }} turn() {{ this.#s *= 3; return this }} get s() {{ return this.#s }} }}; let v{i} = new V{i}()", "v{i} = new V{i}().turn()", "[v{i}.s, V{i}.made(), v{i} instanceof V{i}, v{i}]"),
    Thing("function* g{i}() {{ let n = {n}; try {{ for (;;) {{ const got = yield n += Math.random(); if (got) n = got }} }} finally {{ console.log('closed') }} }}; const it{i} = g{i}(); it{i}.next()", "it{i}.next({n})", "[it{i}.next(), it{i}.return('r'), it{i}.next()]"),
    Thing("async function* ag{i}() {{ for (let n = 0; ; n++) yield n + Date.now() }}; const at{i} = ag{i}(); await at{i}.next()", "(await at{i}.next()).value", "typeof at{i}.next"),
    Thing("const k{i} = {{}}, m{i} = new Map([[k{i}, [{n}]], ['self', null]]), w{i} = new WeakMap([[k{i}, 'w']]); m{i}.set('self', m{i})", "m{i}.set(Math.random(), new Set([k{i}, {n}]))", "[m{i}, w{i}.get([...m{i}.keys()][0]), m{i}.get('self') === m{i}, new WeakSet([k{i}]).has([...m{i}.keys()][0])]"),
    Thing("var o{i} = {{ _v: {n}, get v() {{ return this._v }}, set v(x) {{ this._v = x * 2 }} }}", "o{i}.v = {n}", "[o{i}.v, o{i}]"),
    Thing("let u{i} = new URL('http://h{n}.example/p?q={n}')", "u{i}.searchParams.append('k', '{n}'); u{i}.hash = 'h{n}'", "[u{i}.href, [...u{i}.searchParams]]"),
    Thing("const s{i} = structuredClone({{ d: new Date(), m: new Map([[1, {{ n: {n} }}]]), r: /x/g, a: [1, , 3] }})", "s{i}.m.set({n}, structuredClone(s{i}.d))", "[s{i}, s{i}.d.getTime()]"),
    Thing("const t{i} = new Float64Array(4); crypto.getRandomValues(new Uint8Array(t{i}.buffer, 0, 4))", "t{i}[{n} % 4] += Math.random()", "t{i}"),
    Thing("let p{i} = new Promise(r => globalThis.res{i} = r); let seen{i} = []; p{i}.then(x => seen{i}.push(x))", "res{i}([{n}, performance.now()])", "await null; [seen{i}, p{i}]"),
    Thing("let log{i} = []; setTimeout(() => log{i}.push(Date.now()), 5); setTimeout(() => log{i}.push('late'), 120)", "setTimeout(() => log{i}.push({n} + Math.random()), 1)", "log{i}"),
    Thing("var far{i} = setTimeout(() => {{}}, 1e6), tick{i} = 0, iv{i} = setInterval(() => {{ if (++tick{i} > 2) clearInterval(iv{i}) }}, 1)", "tick{i}", "[tick{i} > 9, typeof far{i}]"),
    Thing("console.count('k{i}'); console.time('t{i}')", "console.count('k{i}')", "console.count('k{i}')"),
    Thing("const px{i} = new Proxy({{ n: {n} }}, {{ get: (t, k) => k === 'hits' ? t.hits = (t.hits ?? 0) + 1 : Reflect.get(t, k) }})", "px{i}.hits", "[px{i}.n, px{i}.hits]"),
    Thing("var circ{i} = {{ name: 'c', list: [] }}; circ{i}.me = circ{i}", "circ{i}.list.push(circ{i}, {n})", "[circ{i}, circ{i}.list[0] === circ{i}]"),
    Thing("const sym{i} = Symbol('s{n}'), bag{i} = {{ [sym{i}]: {n} }}", "bag{i}[sym{i}] += 1", "[bag{i}, Symbol.for('g') === Symbol.for('g'), sym{i}.description]"),
    Thing("const mi{i} = new Map([[1, 'a'], [2, 'b'], [3, 'c']]).entries(); mi{i}", "mi{i}.next().value", "[...mi{i}]"),
    Thing("const bound{i} = function (a) {{ return [this.x, a, new.target === undefined] }}.bind({{ x: Math.random() }})", "bound{i}({n})", "[bound{i}(1), bound{i}.name]"),
    Thing("const err{i} = Object.assign(new TypeError('e{n}', {{ cause: new RangeError('c') }}), {{ at: Date.now() }})", "err{i}.message += '!'", "[err{i}.message, err{i}.at, err{i}.cause.message, err{i}.stack]"),
    Thing("const ac{i} = new AbortController(); let ab{i} = 0; ac{i}.signal.addEventListener('abort', () => ab{i}++)", "ac{i}.abort('r{n}')", "[ac{i}.signal.aborted, ac{i}.signal.reason, ab{i}]"),
    Thing("let re{i} = /o/g; re{i}.test('foo')", "re{i}.test('foo')", "[re{i}.lastIndex, re{i}]"),
    Thing("let fmt{i} = new Intl.NumberFormat('de', {{ minimumFractionDigits: 2 }}), d{i} = new Date()", "d{i}.setDate({n})", "[fmt{i}.format(1234.5), d{i}.toISOString()]"),
    Thing("const fz{i} = Object.freeze({{ a: [{n}] }})", "fz{i}.a.push({n}); fz{i}.b = 1", "[fz{i}, Object.isFrozen(fz{i})]"),
    Thing("Array.prototype.last{i} = function () {{ return this[this.length - 1] }}", "[1, {n}].last{i}()", "[[7, 8].last{i}(), delete Array.prototype.last{i}]"),
    Thing("with ({{ w: {n} }}) var scoped{i} = () => w", "scoped{i} = (f => () => f() + 1)(scoped{i})", "scoped{i}()"),
    Thing("const it2{i} = [1, 2, 3][Symbol.iterator](); let en{i} = new TextDecoder()", "it2{i}.next(); en{i}.decode(new Uint8Array([0xe2, 0x82]), {{ stream: true }})", "[[...it2{i}], en{i}.decode(new Uint8Array([0xac]))]"),
    Thing("eval('var ev{i} = [Math.random()]'); new Function('globalThis.nf{i} = {n}')()", "eval('ev{i}.push({n})')", "[ev{i}, nf{i}]"),
    Thing("async function slow{i}(x) {{ await null; await new Promise(r => setTimeout(r, 1)); return [x, Math.random()] }}; const done{i} = []", "done{i}.push(await slow{i}({n}))", "done{i}"),
    Thing("const ks{i} = [new Promise((_, no) => setTimeout(no, 140, {n})), (async () => {{ await null; throw {n} }})()]", "await Promise.allSettled([ks{i}[{n} % 2]])", "[ks{i}, Object.getOwnPropertyNames(ks{i}[0])]"),
    Thing("const ev{i} = new Event('e{n}', {{ bubbles: true }}); let et{i} = new EventTarget(), eh{i} = []; et{i}.addEventListener('e{n}', e => eh{i}.push(e.timeStamp))", "et{i}.dispatchEvent(ev{i})", "[ev{i}, eh{i}]"),
    Thing("const pend{i} = (async () => {{ await new Promise(r => globalThis.go{i} = r); return 'went' }})()", "go{i}()", "globalThis.go{i}?.(); await pend{i}"),
]  # fmt: skip

# What happens in between, over few names so that it meets.
_NAMES = "abcdef"
EVENTS = [
    "let {a} = {n}", "var {a} = [{n}, Math.random()]", "const {a} = {{ v: {n} }}", "class {a} {{ f = {n} }}", "function {a}() {{ return {n} }}",
    "{a} = {n}", "let {{ {a}, {b} = {n} }} = {{ {a}: Date.now() }}", "let [{a}, {b}] = [typeof {b}, {n}]", "delete globalThis.{a}", "delete {a}", "Reflect.deleteProperty(globalThis, '{a}')",
    "{a} = await {n}", "let {a} = await new Promise(r => setTimeout(() => r(Date.now()), 1))", "setTimeout(() => {{ globalThis.{a} = {n} }}, 3)",
    "typeof {a} === 'object' && ({a}.v = {n})", "throw new Error('{n}')", "{a} += 1; nope{n}()", "for (var {a} = 0; {a} < {n}; {a}++);",
    "if ({n} % 2) {{ var {a} = 'odd' }}", "console.log(typeof {a}, {n})", "{a} = () => {b}", "let {a} = {n}; {a}++; throw {a}", "'use strict'; let {a} = {n}",
    "Promise.reject({n})", "syntax error {n}", "const {a} = {n}; {a} = 2", "queueMicrotask(() => {{ globalThis.{b} = Math.random() }})", "_", "{a}?.v ?? _",
    "_ = {n}", "_error?.message", "{a}; let {a} = {n}", "let {a} = {a}", "const {a} = (() => {b})()", "Object.defineProperty(globalThis, '{a}', {{ get: () => {n}, configurable: true }})",
    "globalThis.{a} = {n}; {b} = this.{a}", "label: for (const {a} of [1, 2]) {{ for (;;) continue label }}", "for await (const {a} of [1, Promise.reject({n})]);",
    "try {{ null.x }} catch ({a}) {{ var {b} = {a}.message }}", "Math = {{ __proto__: Math, mine{n}: 1 }}", "await Promise.all([1, Promise.resolve({n}), (async () => {a})()])",
    "{a} = {{ toString() {{ return _ }} }}", "crypto.randomUUID()", "new Date()", "console.group('{n}')", "console.groupEnd()", "void (async () => {{ {a} = {n}; throw {n} }})()",
    "globalThis.__proto__.{a} = {n}", "[{n}].map(async x => {{ {a} = x; await null; {b} = x }})", "setTimeout(() => {{ throw new Error('timer {n}') }}, 1); await new Promise(r => setTimeout(r, 4))",
]  # fmt: skip
STOPPED = ["{a} = 'lost'; for (;;);", "let {a} = 'lost'; for (;;) await null", "{a} = 'lost'; await new Promise(r => setTimeout(r, 9e5))", "/(a+)+$/.test('a'.repeat(40) + 'b')"]  # fmt: skip
HUNGRY = "globalThis.lost = []; for (;;) lost.push(new Array(1e5).fill(lost.length))"


def history(seed: int) -> History:
    """A program of random calls. One in three is stopped for time once, one in forty runs out of memory."""
    chance = random.Random(seed)
    calls: list[str] = []
    things = [(thing, i) for i, thing in enumerate(chance.sample(THINGS, chance.randrange(2, 7)))]

    def say(text: str, i: int = 0) -> None:
        a, b = chance.sample(_NAMES, 2)
        calls.append(text.format(a=a, b=b, i=i, n=chance.randrange(10)))

    for thing, i in things:
        say(thing.make, i)
        for _ in range(chance.randrange(4)):
            other, number = things[chance.randrange(i + 1)]
            say(*chance.choice([(other.change, number), (chance.choice(EVENTS), 0)]))
    limits = {}
    if chance.random() < 1 / 3:
        limits[len(calls)] = 200
        say(chance.choice(STOPPED))
    if chance.random() < 1 / 40:
        calls.append(HUNGRY)
    for _ in range(chance.randrange(6)):
        say(chance.choice(EVENTS))
    calls.append("await new Promise(r => setTimeout(r, 130)); 'all timers have fired'")
    probes = [thing.probe.format(i=i, n=3) for thing, i in things]
    probes += [f"typeof {name} === 'undefined' ? 'free' : {name}" for name in _NAMES]
    return History(calls, limits, [*probes, "_error", "Object.keys(globalThis)", "console.log('indent')"])
