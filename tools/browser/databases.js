// The IndexedDB of an origin in the form of Playwright's storage state, store by store, as far as it differs from what is
// known. Runs in a world of its own: what a page has put in the place of indexedDB is not asked.
async ({ only, known, most }) => {
  const done = (request) => new Promise((yes, no) => {
    request.onsuccess = () => yes(request.result);
    request.onerror = () => no(request.error);
    request.onblocked = () => no(request.error);
  });
  const opened = (name) => {
    const request = indexedDB.open(name);
    request.onupgradeneeded = () => request.transaction.abort(); // deleted meanwhile: it must not come back empty
    return done(request);
  };
  const base64 = (bytes) => {
    let text = "";
    for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
    return btoa(text);
  };
  const ARRAYS = { i8: Int8Array, ui8: Uint8Array, ui8c: Uint8ClampedArray, i16: Int16Array, ui16: Uint16Array, i32: Int32Array, ui32: Uint32Array, f32: Float32Array, f64: Float64Array, bi64: BigInt64Array, bui64: BigUint64Array };
  const plain = (value, depth = 0) => {
    if (value === null || ["string", "boolean"].includes(typeof value)) return true;
    if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
    if (typeof value !== "object" || depth > 60) return false;
    if (Array.isArray(value)) return value.every((one) => plain(one, depth + 1));
    return Object.getPrototypeOf(value) === Object.prototype && Object.entries(value).every(([key, one]) => key !== "toJSON" && key !== "__proto__" && plain(one, depth + 1));
  };

  /** A value that is no plain JSON, in Playwright's form; throws for what has none (files, keys that stay secret). */
  const encoded = (value, seen = new Map()) => {
    if (value === undefined) return { v: "undefined" };
    if (value === null) return { v: "null" };
    if (typeof value === "number") return Object.is(value, -0) ? { v: "-0" } : Number.isFinite(value) ? value : { v: String(value) };
    if (typeof value === "bigint") return { bi: String(value) };
    if (typeof value !== "object") return value;
    if (value instanceof Date) return { d: value.toJSON() };
    if (value instanceof RegExp) return { r: { p: value.source, f: value.flags } };
    if (value instanceof ArrayBuffer) return { ab: { b: base64(new Uint8Array(value)) } };
    for (const [k, type] of Object.entries(ARRAYS)) {
      if (value instanceof type) return { ta: { b: base64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)), k } };
    }
    if (seen.has(value)) return { ref: seen.get(value) };
    const id = seen.size + 1;
    seen.set(value, id);
    const inner = (one) => encoded(one, seen);
    if (value instanceof Map) return { m: [...value].map(([k, v]) => ({ k: inner(k), v: inner(v) })), id };
    if (value instanceof Set) return { s: [...value].map(inner), id };
    if (Array.isArray(value)) return { a: value.map(inner), id };
    if (Object.getPrototypeOf(value) !== Object.prototype) throw new TypeError("no form for it");
    return { o: Object.entries(value).map(([k, v]) => ({ k, v: inner(v) })), id };
  };
  const named = (name, value) => (plain(value) ? { [name]: value } : { [`${name}Encoded`]: encoded(value) });
  const sum = (text) => {
    let h = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
    return `${text.length}:${h >>> 0}`;
  };

  let room = most;
  const read = async (store) => {
    const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
    const records = [];
    let size = 0;
    for (let i = 0; i < keys.length && size <= room; i++) {
      try {
        const record = { ...(store.keyPath === null ? named("key", keys[i]) : {}), ...named("value", values[i]) };
        const text = JSON.stringify(record);
        size += text.length + 1;
        records.push(text);
      } catch {
        continue; // a file, or a key that stays secret: it is not kept
      }
    }
    if (size > room) return { large: true };
    room -= size;
    return { records: `[${records.join(",")}]` };
  };
  const path = (value) => (Array.isArray(value) ? { keyPathArray: [...value] } : typeof value === "string" ? { keyPath: value } : {});
  const described = (store) => ({
    name: store.name, autoIncrement: store.autoIncrement, ...path(store.keyPath),
    indexes: [...store.indexNames].map((name) => store.index(name)).map((one) => ({ name: one.name, ...path(one.keyPath), multiEntry: one.multiEntry, unique: one.unique })),
  });

  const found = [];
  for (const { name, version } of await indexedDB.databases()) {
    const database = await opened(name).catch(() => null);
    if (!database) continue;
    try {
      database.onversionchange = () => database.close(); // the page comes first
      const stores = [];
      const names = [...database.objectStoreNames];
      const within = names.length ? database.transaction(names, "readonly") : null;
      for (const one of names) {
        const store = within.objectStore(one);
        const about = described(store);
        const id = JSON.stringify([name, one]);
        if (only && known[id] && !only.includes(id)) {
          stores.push({ about, id, sum: known[id] });
          continue;
        }
        const { records, large = false } = await read(store);
        const now = sum(JSON.stringify(about) + (records ?? ""));
        stores.push(now === known[id] ? { about, id, sum: now } : { about, id, sum: now, records, large });
      }
      found.push({ name, version, stores });
    } catch {
      continue; // deleted or changed while it was read: it is reported again
    } finally {
      database.close();
    }
  }
  return found;
}
