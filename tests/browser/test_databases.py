"""IndexedDB over sleep and kill -9, and what it costs."""
# ruff: noqa: E501  # pages are written as one would write them in a file

import time
from typing import Any

import pytest

from tests.browser.conftest import Site

APP = """<!doctype html><title>App</title><h1>App</h1><p id=o></p>
<button id=fill>Fill</button> <button id=change>Change</button> <button id=drop>Drop</button> <button id=show>Show</button>
<script>
const say = (text) => { o.textContent = text; };
const open_ = (up) => new Promise((yes, no) => { const r = indexedDB.open('shop', 3); r.onupgradeneeded = () => up?.(r.result); r.onsuccess = () => yes(r.result); r.onerror = () => no(r.error); });
const put = (db, store, ...all) => new Promise((yes, no) => { const t = db.transaction(store, 'readwrite'); for (const [v, k] of all) k === undefined ? t.objectStore(store).put(v) : t.objectStore(store).put(v, k); t.oncomplete = yes; t.onerror = () => no(t.error); });
const get = (db, store, key) => new Promise((yes, no) => { const r = db.transaction(store).objectStore(store).get(key); r.onsuccess = () => yes(r.result); r.onerror = () => no(r.error); });
const make = (db) => { db.createObjectStore('items', { keyPath: 'id', autoIncrement: true }).createIndex('by', ['kind', 'n'], { unique: false }); db.createObjectStore('odd'); db.createObjectStore('large'); };
fill.onclick = async () => { const db = await open_(make);
  await put(db, 'items', [{ kind: 'mug', n: 1 }], [{ kind: 'cup', n: 2 }]);
  await put(db, 'odd', [new Map([['a', new Set([1n])]]), 'map'], [new Date(86400000), 'date'], [new Uint8Array([1, 2, 255]), new Date(1)], [{ x: undefined, y: NaN, z: [null] }, [1, 'two']], [new Blob(['no']), 'blob']);
  db.close(); say('filled'); };
change.onclick = async () => { const db = await open_(); await put(db, 'odd', ['changed', 'map']); db.close(); say('changed'); };
drop.onclick = () => { indexedDB.deleteDatabase('shop').onsuccess = () => say('dropped'); };
show.onclick = async () => { const dbs = await indexedDB.databases(); if (!dbs.length) return say('no databases'); const db = await open_();
  const map = await get(db, 'odd', 'map'), date = await get(db, 'odd', 'date'), bytes = await get(db, 'odd', new Date(1)), odd = await get(db, 'odd', [1, 'two']);
  const index = db.transaction('items').objectStore('items').index('by'); const one = await new Promise((yes) => { const r = index.get(['cup', 2]); r.onsuccess = () => yes(r.result); });
  say(JSON.stringify([db.version, map instanceof Map ? [...map.get('a')].map(String) : map, date.getTime?.(), [...bytes], 'x' in odd, Number.isNaN(odd.y), one.id, index.keyPath])); db.close(); };
</script>"""
SHOWN = '[3,["1"],86400000,[1,2,255],true,true,2,["kind","n"]]'


async def press(browser: Any, button: str, shown: str) -> None:
    """Click; on a busy machine what comes of it comes after the answer."""
    if shown not in await browser("click", target=button):
        assert "is on the page" in await browser("wait", text=shown, seconds=20)


@pytest.mark.parametrize("how", ["sleep", "crash"])
async def test_databases_outlive_sleep_and_kill(browser: Any, site: Site, how: str) -> None:
    site.pages["/app"] = APP
    await browser("goto", url=site.url("/app"))
    await press(browser, "Fill", "filled")
    await getattr(browser.bench, how)()
    assert "App" in await browser("read")
    await press(browser, "Show", SHOWN)
    await press(browser, "Change", "changed")
    await getattr(browser.bench, how)()
    await press(browser, "Show", SHOWN.replace('["1"]', '"changed"'))
    await press(browser, "Drop", "dropped")
    await getattr(browser.bench, how)()
    await press(browser, "Show", "no databases")


async def test_a_dead_chromium_comes_back_with_its_databases(browser: Any, site: Site) -> None:
    site.pages["/app"] = APP
    await browser("goto", url=site.url("/app"))
    await browser("click", target="Fill")
    session = await browser.state()
    await session.recorded()
    await (await session.chromium.browser()).close()
    await browser("read")
    await browser("click", target="Show")
    assert SHOWN in await browser("read")


async def test_what_does_not_change_is_not_read_again_and_what_is_too_large_is_not_kept(
    browser: Any, site: Site
) -> None:
    site.pages["/app"] = APP.replace(
        "await put(db, 'odd'", "await put(db, 'large', ['x'.repeat(5_000_000), 1]); await put(db, 'odd'", 1
    )
    await browser("goto", url=site.url("/app"))
    await browser("click", target="Fill")
    watch = (await browser.state()).databases
    assert None not in watch.changed.values()  # nothing was left for the next time; reports may still come
    stores = {store["name"]: store["records"] for store in watch.kept[site.url("")][0]["stores"]}
    assert len(stores["items"]) == 2
    assert len(stores["odd"]) == 4  # all but the file
    assert stores["large"] == []
    begun = time.monotonic()
    assert "changed" in await browser("click", target="Change")
    assert time.monotonic() - begun < 5  # only the small store is read
    await browser.bench.crash()
    await browser("click", target="Show")
    assert SHOWN.replace('["1"]', '"changed"') in await browser("read")


async def test_sessions_have_databases_of_their_own(browser: Any, site: Site) -> None:
    site.pages["/app"] = APP
    await browser("goto", url=site.url("/app"))
    await browser("click", target="Fill")
    await browser.bench.call("browser_goto", session="sesn_b", url=site.url("/app"))
    await browser.bench.call("browser_click", session="sesn_b", target="Show")
    result = await browser.bench.call("browser_read", session="sesn_b")
    assert "no databases" in result.content[0].text
