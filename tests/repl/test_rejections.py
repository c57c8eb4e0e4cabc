"""A rejected promise that a statement gives away is told, with the call in which it is rejected."""

from tests.repl.conftest import Bench

# Each is run after `fail` and `later` are defined; what it answers.
_TOLD = {
    "fail('a'); 1": "Uncaught (in promise) 'a'\n1",
    "void fail('b')": "Uncaught (in promise) 'b'\nundefined",
    "Promise.reject(3); 1": "Uncaught (in promise) 3\n1",
    "new Promise((_, no) => no(4)); 1": "Uncaught (in promise) 4\n1",
    "(async () => { await null; throw 5 })(); 1": "Uncaught (in promise) 5\n1",
    "Promise.resolve().then(() => fail('c')); await null; 1": "Uncaught (in promise) 'c'\n1",
    "setTimeout(async () => { throw 6 }, 1); await later(5)": "Uncaught (in promise) 6\nundefined",
    "if (true) { fail('d') } else { 0 }": "Uncaught (in promise) 'd'\nPromise { <rejected> 'd' }",
    "const kept = fail('e')": "Uncaught (in promise) 'e'\nundefined",
    "let one = fail('f'), two = one; two": "Uncaught (in promise) 'f'\nPromise { <rejected> 'f' }",
    "var old = fail('g'); Object.getOwnPropertyNames(one)": "Uncaught (in promise) 'g'\n[]",
    "old = fail('h')": "Uncaught (in promise) 'h'\nPromise { <rejected> 'h' }",
    "const slow = new Promise((_, no) => setTimeout(no, 1, 7)); await later(5)": "Uncaught (in promise) 7\nundefined",
    "'use strict'; const strict = fail('i'); 1": "Uncaught (in promise) 'i'\n1",
    "const list = [fail('j'), later(1)]; list.length": "Uncaught (in promise) 'j'\n2",
    "const object = { a: { b: [fail('k')] } }; 1": "Uncaught (in promise) 'k'\n1",
    "const many = [1, 2].map(async n => { throw n }); 1": "Uncaught (in promise) 1\nUncaught (in promise) 2\n1",
    "[3].map(fail)": "Uncaught (in promise) 3\n[ Promise { <rejected> 3 } ]",
    "list.push(fail('l'))": "Uncaught (in promise) 'l'\n3",
    "new Map([['m', fail('m')]]).size": "Uncaught (in promise) 'm'\n1",
    "const chosen = true ? fail('n') : null; 1": "Uncaught (in promise) 'n'\n1",
}
_LOOKED_AFTER = {
    "fail('a').catch(() => 2)": "Promise { 2 }",
    "await fail('b')": "Uncaught 'b'",
    "const p = fail('c'); p.catch(() => {}); p": "Promise { <rejected> 'c' }",
    "const q = fail('d'); try { await q } catch (e) { e + 1 }": "'d1'",
    "const once = kept; let same = (() => kept)(); 1": "1",
    "const r = fail('f'); await null; r.then(null, () => {}); 1": "1",
    "const s = fail('g'); await Promise.allSettled([s]); s": "Promise { <rejected> 'g' }",
    "const t = fail('h'); Object.freeze(t); try { await t } catch (e) { e + 2 }": "'h2'",
    "const u = fail('i'); u.constructor = 5; u.constructor": "5",
    "const v = fail('j'); u.constructor === 5 && v.constructor === Promise": "true",
    "await Promise.allSettled([fail('e')]).then(([{ reason }]) => reason)": "'e'",
    "const all = [1, 2].map(fail); (await Promise.allSettled(all)).length": "2",
    "const caught = [fail('k')].map(p => p.catch(() => 'c')); await caught[0]": "'c'",
    "try { await Promise.all([fail('l'), fail('m')]) } catch (e) { e }": "'l'",
    "await (async p => { try { await p } catch (e) { return e } })(fail('n'))": "'n'",
    "const revoked = Proxy.revocable([], {}); revoked.revoke(); const nothing = (() => revoked.proxy)(); 1": "1",
}


async def test_a_rejection_that_nobody_can_look_after_is_told(repl: Bench) -> None:
    await repl.js("async function fail(e) { throw e } const later = ms => new Promise(r => setTimeout(r, ms))")
    for code, answer in (_TOLD | _LOOKED_AFTER).items():
        assert await repl.js(code) == answer, code


async def test_a_rejection_that_comes_later_is_told_with_the_next_call_and_again_after_a_restart(repl: Bench) -> None:
    code = "new Promise((_, no) => setTimeout(no, 150, new Error('late'))); 1"
    assert await repl.js(code) == "1\n(1 timer pending)"
    answer = await repl.js("await new Promise(r => setTimeout(r, 200)); 'waited'")
    assert answer.startswith("Uncaught (in promise) Error: late\n    at REPL1:1:")
    assert answer.endswith("\n'waited'")
    await repl.kill_worker()
    assert await repl.js("2") == "2"  # the replay gave the same: no note


async def test_a_promise_that_is_kept_can_be_looked_after_by_a_later_call(repl: Bench) -> None:
    await repl.js("const fire = [], later = (e) => new Promise((_, no) => fire.push(() => no(e)))")
    assert await repl.js("const a = later('a'), b = [later('b')], c = later('c'); 1") == "1"
    assert await repl.js("a.catch(() => {}), Promise.allSettled(b), 2") == "2"
    assert await repl.js("fire.forEach((one) => one()), 3") == "Uncaught (in promise) 'c'\n3"
    await repl.kill_worker()
    assert await repl.js("4") == "4"  # the replay gave the same: no note


async def test_an_iterator_that_was_printed_goes_on_where_it_was(repl: Bench) -> None:
    await repl.js("const it = new Map([['a', 1], ['b', 2], ['c', 3]]).entries(), keys = new Set(['x', 'y']).values()")
    assert "[Map Iterator] {  }" in await repl.names("it")  # a list of names empties nothing
    assert await repl.js("it.next().value") == "[ 'a', 1 ]"
    assert await repl.js("it") == "[Map Entries] { [ 'b', 2 ], [ 'c', 3 ] }"
    assert (await repl.js("console.table(keys), keys.next().value")).endswith("'x'")
    await repl.kill_worker()
    assert await repl.js("[it.next().value, ...it, ...keys]") == "[ [ 'b', 2 ], [ 'c', 3 ], 'y' ]"
    assert await repl.js("it") == "[Map Entries] {  }"
