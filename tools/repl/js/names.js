// The session's own names: what the agent defined, of what kind, by which call. Constants are ordinary properties that
// are locked after their call; the transform sends writes that mean them through `constants` below, which refuses.

const kinds = new NativeMap(); // name → { kind, call, at, declared? }
const locked = new NativeSet();
let becoming = new NativeSet(); // constants of the call that runs: locked when it ends
const baseline = new NativeMap(); // built-in global → the value it came with
const lastSeen = new NativeMap(); // name → value at the end of the last call
let present = 0; // when this call began, ms

const constants = new NativeProxy({ __proto__: null }, {
  __proto__: null,
  get: (_, name) => global[name],
  set(_, name, value) {
    if (setHas(becoming, name)) void global[name]; // throws as long as it is not there
    if (setHas(locked, name) || setHas(becoming, name)) throw new NativeTypeError("Assignment to constant variable.");
    global[name] = value;
    return true;
  },
  deleteProperty: (_, name) => !isDeclared(name) && deleteProperty(global, name),
});

/** `$repl$own(object)`: what to delete from. */
const own = (object) => (object === global ? constants : object);

/** Declared by an earlier call or by this one. */
const isDeclared = (name) => {
  if (hasOwn(global, name) && mapGet(kinds, name)?.declared === true) return true;
  for (let i = 0; i < call.declared.length; i++) if (call.declared[i][0] === name) return true;
  return false;
};

const zones = new NativeMap(); // name → the getter that throws, while this call has not made it

/** From here on a new name throws, until `ready`. One that is there already stays as it is: it is declared again. */
const closeZone = (name) => {
  if (hasOwn(global, name)) return;
  const refuse = () => {
    throw new NativeReferenceError(`Cannot access '${name}' before initialization`);
  };
  mapSet(zones, name, refuse);
  defineProperty(global, name, { __proto__: null, get: refuse, set: refuse, enumerable: true, configurable: true });
};

/** `$repl$ready(value, ...names)`: the names may be written now; gives the value. */
const ready = function (value) {
  for (let i = 1; i < arguments.length; i++) {
    if (isClosed(arguments[i])) {
      defineProperty(global, arguments[i], { __proto__: null, value: undefined, writable: true, enumerable: true, configurable: true });
    }
  }
  return value;
};
const isClosed = (name) => mapHas(zones, name) && getterOf(describe(global, name)) === mapGet(zones, name);
const openZones = () => {
  if (sizeOfMap(zones) === 0) return;
  mapEach(zones, (_, name) => isClosed(name) && deleteProperty(global, name));
  mapClear(zones);
};

const setWritable = (name, writable) => {
  const found = describe(global, name);
  if (isData(found) && found.configurable) defineProperty(global, name, { __proto__: null, writable });
};

/** A getter without a setter would swallow the first value of a name that is declared over it. */
const replaceGetter = (name) => {
  const found = describe(global, name);
  if (getterOf(found) === undefined || !found.configurable || found.set !== undefined) return;
  defineProperty(global, name, { __proto__: null, value: undefined, writable: true, enumerable: true });
};

/** Before a call: what it declares may be written, whatever it was; strict and awaiting code needs its names to exist. */
const prepareNames = (declared, needed, early) => {
  becoming = new NativeSet();
  for (let i = 0; i < declared.length; i++) {
    const name = declared[i][0];
    if (declared[i][1] === "const") setAdd(becoming, name);
    if (setDelete(locked, name)) setWritable(name, true);
    else if (declared[i][1] !== "var" && declared[i][1] !== "function") replaceGetter(name);
  }
  for (let i = 0; i < early.length; i++) closeZone(early[i]);
  for (let i = 0; i < needed.length; i++) {
    if (!hasOwn(global, needed[i])) defineProperty(global, needed[i], { __proto__: null, value: undefined, writable: true, enumerable: true, configurable: true });
  }
};

/** After a call: lock its constants, note its names, forget what strict code left undefined by throwing. */
const settleNames = (declared, needed, call, threw) => {
  openZones();
  for (let i = 0; threw && i < needed.length; i++) {
    if (global[needed[i]] === undefined && !mapHas(kinds, needed[i])) deleteProperty(global, needed[i]);
  }
  for (let i = 0; i < declared.length; i++) {
    const name = declared[i][0], kind = declared[i][1];
    if (!hasOwn(global, name)) continue;
    if (kind === "const") {
      setAdd(locked, name);
      setWritable(name, false);
    }
    mapSet(kinds, name, { __proto__: null, kind, call, at: present, declared: true });
  }
};

const valueOf = (name) => {
  const found = describe(global, name);
  return isData(found) ? found.value : getterOf(found);
};
const noteBaseline = (name) => mapSet(baseline, name, valueOf(name));
const unlisted = new NativeSet(); // names of the agent's that are known, and that Object.keys leaves out

const isOwnName = (name) =>
  typeof name === "string" && (!mapHas(baseline, name) || (hasOwn(global, name) && !sameValue(valueOf(name), mapGet(baseline, name))));
const isUnlisted = (name) => isOwnName(name) && describe(global, name)?.enumerable === false;

/** The agent's names, oldest first. */
const ownNames = () => {
  const keys = ownKeys(global), names = list();
  for (let i = 0; i < keys.length; i++) if (isOwnName(keys[i])) push(names, keys[i]);
  return names;
};

/** The names that a call may have changed, for a third of the price: of those that Object.keys leaves out (replaced
 * built-ins, too) only the known ones, and what the code mentions. */
const watchedNames = (mentioned) => {
  const keys = enumerableKeys(global), names = list();
  for (let i = 0; i < keys.length; i++) if (isOwnName(keys[i])) push(names, keys[i]);
  if (setHas(mentioned, "defineProperty") || setHas(mentioned, "defineProperties")) noteUnlisted(ownNames());
  setEach(mentioned, (name) => isUnlisted(name) && setAdd(unlisted, name));
  setEach(unlisted, (name) => {
    if (isUnlisted(name)) push(names, name);
    else setDelete(unlisted, name);
  });
  return names;
};

const noteUnlisted = (names) => {
  for (let i = 0; i < names.length; i++) if (isUnlisted(names[i])) setAdd(unlisted, names[i]);
};

const typeOf = (value) => {
  if (value === null) return "null";
  if (typeof value === "function") return isClass(value) ? "class" : "function";
  if (typeof value !== "object") return typeof value;
  if (isArray(value)) return "Array";
  if (isTypedArray(value)) return typedArrayName(value);
  for (let at = value, depth = 0; at !== null && !isProxy(at) && depth < 20; at = getPrototypeOf(at), depth++) {
    const maker = dataOf(describe(at, "constructor"));
    const name = typeof maker === "function" ? dataOf(describe(maker, "name")) : undefined;
    if (typeof name === "string" && name !== "") return cut(name, 60);
  }
  return "Object";
};
const CLASS = /^class\b/;
const isClass = (value) => !isProxy(value) && match(CLASS, sourceOf(value)) !== null;

const bytesOfArray = getter(TypedArrayPrototype, "byteLength"), bytesOfBuffer = getter(ArrayBuffer.prototype, "byteLength");

/** How big: characters, elements, entries, keys, bytes; null where that means nothing. */
const sizeOf = (value) => {
  if (typeof value === "string" || isArray(value)) return value.length;
  if (!isObject(value) || typeof value === "function" || isProxy(value)) return null;
  if (isMap(value)) return sizeOfMap(value);
  if (isSet(value)) return sizeOfSet(value);
  if (isTypedArray(value)) return bytesOfArray(value);
  if (isArrayBuffer(value)) return bytesOfBuffer(value);
  return enumerableKeys(value).length;
};

/** One line about a name: { name, kind, type, size, preview, call, at }. */
const symbol = (name) => {
  const known = mapGet(kinds, name), found = describe(global, name);
  const value = dataOf(found);
  const accessor = found !== undefined && !isData(found);
  const type = accessor ? "accessor" : typeOf(value);
  const kind = known?.kind ?? (type === "class" || type === "function" ? type : "var");
  return {
    __proto__: null, name: cut(name, 200), kind, type, size: accessor ? null : sizeOf(value),
    preview: accessor ? "[Getter/Setter]" : preview(value), call: known?.call ?? null, at: known?.at ?? null,
  };
};

const guardedSymbol = (name) => {
  try {
    return frozen(symbol, name);
  } catch {
    return { __proto__: null, name: cut(name, 200), kind: mapGet(kinds, name)?.kind ?? "var", type: "?", size: null, preview: "[cannot be shown]", call: null, at: null };
  }
};

const MENTIONED_LIMIT = 60; // names whose line a call reports; js_list_symbols tells the rest

/** What this call changed: { set: [symbol], removed: [name], made: [[name, kind]] }; `made` came without a declaration,
 * `mentioned` are the identifiers in its code. */
const changedNames = (call, mentioned) => {
  const names = watchedNames(mentioned), set = list(), removed = list(), made = list();
  for (let i = 0; i < names.length; i++) {
    const name = names[i], value = valueOf(name);
    const isNew = !mapHas(lastSeen, name);
    if (!mapHas(kinds, name)) noteMade(made, name, value, call);
    const changed = isNew || !sameValue(mapGet(lastSeen, name), value) || mapGet(kinds, name).call === call;
    if (changed) mapSet(lastSeen, name, value);
    if ((changed || setHas(mentioned, name)) && set.length < MENTIONED_LIMIT) push(set, guardedSymbol(name));
  }
  if (sizeOfMap(lastSeen) > names.length) {
    mapEach(lastSeen, (_, name) => {
      if (isOwnName(name) && hasOwn(global, name)) return;
      mapDelete(lastSeen, name);
      mapDelete(kinds, name);
      push(removed, name);
    });
  }
  return { __proto__: null, set, removed, made };
};

const noteMade = (made, name, value, call) => {
  const kind = typeof value === "function" ? typeOf(value) : "var", pair = list();
  mapSet(kinds, name, { __proto__: null, kind, call, at: present });
  push(pair, name);
  push(pair, kind);
  push(made, pair);
};

/** In a replay: what `noteMade` noted when the call was live. */
const noteAgain = (made, call) => {
  for (let i = 0; i < made.length; i++) mapSet(kinds, made[i][0], { __proto__: null, kind: made[i][1], call, at: present });
};

/** After a replay: what is there now is what the next call's changes are measured against. */
const markSeen = () => {
  const names = ownNames();
  for (let i = 0; i < names.length; i++) mapSet(lastSeen, names[i], valueOf(names[i]));
  noteUnlisted(names);
};

/** The words of a query: { field, text } each, where `kind:const` and `type:Map` name a field, and others are part of the name. */
const wordsOf = (query) => {
  const words = list();
  for (let from = 0; from < query.length; ) {
    const space = find(query, " ", from), end = space < 0 ? query.length : space, word = slice(query, from, end);
    const field = startsWith(word, "kind:") || startsWith(word, "type:") ? slice(word, 0, 4) : "name";
    if (word !== "") push(words, { __proto__: null, field, text: field === "name" ? word : slice(word, 5) });
    from = end + 1;
  }
  return words;
};

const fits = (name, words) => {
  let line = null;
  for (let i = 0; i < words.length; i++) {
    const { field, text } = words[i];
    if (field === "name") {
      if (find(lower(name), text) < 0) return false;
    } else if (lower((line ??= guardedSymbol(name))[field]) !== text) return false;
  }
  return true;
};

/** Names that fit the query, newest definition first: { total, symbols }. */
const listNames = (query, limit) => {
  const names = ownNames(), symbols = list(), words = wordsOf(lower(query));
  let total = 0;
  for (let i = names.length - 1; i >= 0; i--) {
    if (!fits(names[i], words)) continue;
    total++;
    if (symbols.length < limit) push(symbols, guardedSymbol(names[i]));
  }
  return { __proto__: null, total, symbols };
};
