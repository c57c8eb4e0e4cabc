// Whether a value can be shown on one line without running any code of the agent's. Only then may a preview show it: a
// preview is no part of a call's record, so what it ran would not be run again by a replay.

const FunctionPrototype = Function.prototype, nativeHasInstance = FunctionPrototype[Symbol.hasInstance];
const ourStackTraces = dataOf(describe(NativeError, "prepareStackTrace"));
const TAG_GETTERS = list(); // the engine's own
push(TAG_GETTERS, getterOf(describe(TypedArrayPrototype, toStringTag)));
push(TAG_GETTERS, getterOf(describe(getPrototypeOf(getPrototypeOf(MapIteratorPrototype)) ?? {}, toStringTag)));
push(TAG_GETTERS, getterOf(describe(getPrototypeOf(MapIteratorPrototype), toStringTag)));

/** The first property of that name up the chain: undefined if there is none, null behind a proxy. */
const lookUp = (value, name) => {
  for (let at = value; at !== null; at = getPrototypeOf(at)) {
    if (isProxy(at)) return null;
    const found = describe(at, name);
    if (found !== undefined) return found;
  }
  return undefined;
};
const isStill = (value, name) => {
  const found = lookUp(value, name);
  return found === undefined || (found !== null && isData(found));
};
const hasPlainTag = (value) => {
  const found = lookUp(value, toStringTag);
  if (found === undefined || found === null || isData(found)) return found !== null;
  for (let i = 0; i < TAG_GETTERS.length; i++) if (TAG_GETTERS[i] !== undefined && getterOf(found) === TAG_GETTERS[i]) return true;
  return false;
};

/** Asked for its name and whether the value is an instance of it. */
const isPlainMaker = (maker) =>
  typeof maker !== "function" || isProxy(maker) || (isStill(maker, "name") && dataOf(lookUp(maker, Symbol.hasInstance) ?? undefined) === nativeHasInstance);

const hasPlainMakers = (value) => {
  for (let at = value; at !== null; at = getPrototypeOf(at)) {
    if (isProxy(at) || !isPlainMaker(dataOf(describe(at, "constructor")))) return false;
  }
  return true;
};

const ERROR_FIELDS = freeze(setPrototypeOf(["name", "message", "cause", "errors"], null));
const isPlainError = (error) => {
  for (let i = 0; i < ERROR_FIELDS.length; i++) if (!isStill(error, ERROR_FIELDS[i])) return false;
  const stack = describe(error, "stack");
  if (stack === undefined || isData(stack)) return stack === undefined || typeof stack.value === "string";
  return getterOf(stack) === nativeStack.get && dataOf(describe(NativeError, "prepareStackTrace")) === ourStackTraces;
};

const FLAGS = list(), flagGetters = list();
{
  const names = ["flags", "source", "hasIndices", "global", "ignoreCase", "multiline", "dotAll", "unicode", "unicodeSets", "sticky"];
  for (let i = 0; i < names.length; i++) {
    push(FLAGS, names[i]);
    push(flagGetters, getterOf(describe(RegExp.prototype, names[i])));
  }
}
const isPlainRegExp = (value) => {
  for (let i = 0; i < FLAGS.length; i++) if (getterOf(lookUp(value, FLAGS[i]) ?? undefined) !== flagGetters[i]) return false;
  return true;
};

const bufferGetters = list();
push(bufferGetters, getterOf(describe(ArrayBuffer.prototype, "byteLength")));
push(bufferGetters, getterOf(describe(DataView.prototype, "byteLength")));
const isPlainBuffer = (value) => {
  const getter = getterOf(lookUp(value, "byteLength") ?? undefined);
  return getter === bufferGetters[0] || getter === bufferGetters[1];
};

const isPlainOne = (value) => {
  if (!hasPlainTag(value) || !hasPlainMakers(value)) return false;
  if (typeof value === "function") return isStill(value, "name") && isPlainMaker(getPrototypeOf(value));
  if (isError(value)) return isPlainError(value);
  if (isRegExp(value)) return isPlainRegExp(value);
  return !(isArrayBuffer(value) || isDataView(value)) || isPlainBuffer(value);
};

const SHOWN_ITEMS = 6, SHOWN_KEYS = 200; // as the options of a preview and the printer say

/** `depth`: how far what it holds is looked at, too: a printer that only names an object asks the same of it. */
const harmless = (value, depth) => {
  if (!isObject(value)) return true;
  if (isProxy(value)) {
    const details = weakGet(proxies, value);
    return depth === 0 ? true : harmless(details[0], depth - 1) && harmless(details[1], depth - 1);
  }
  if (!isPlainOne(value)) return false;
  if (depth === 0) return true;
  if (isMap(value) || isSet(value)) return harmlessEntries(value, isMap(value), depth - 1) && harmlessFields(value, depth);
  return harmlessFields(value, depth);
};

const harmlessEntries = (value, isMapping, depth) => {
  const entries = isMapping ? mapEntries(value) : setValues(value), next = isMapping ? nextOfMap : nextOfSet;
  for (let i = 0, step; i < SHOWN_ITEMS && !(step = next(entries)).done; i++) {
    if (isMapping ? !(harmless(step.value[0], depth) && harmless(step.value[1], depth)) : !harmless(step.value, depth)) return false;
  }
  return true;
};

const harmlessFields = (value, depth) => {
  if (isTypedArray(value)) return true;
  const keys = ownKeys(value), most = isArray(value) ? SHOWN_ITEMS + SHOWN_KEYS : SHOWN_KEYS;
  for (let i = 0, shown = 0; i < keys.length && shown < most; i++) {
    const found = describe(value, keys[i]);
    if (!found.enumerable && !(isError(value) && isData(found))) continue;
    shown++;
    if (isData(found) && !harmless(found.value, depth - 1)) return false;
  }
  return true;
};

/** What is shown of a value that could run something. */
const bare = (value) => {
  if (typeof value === "function") return isClass(value) ? "[class]" : "[Function]";
  if (isError(value)) return `[${typeOf(value)}]`;
  return isArray(value) ? `Array(${value.length}) […]` : `${typeOf(value)} {…}`;
};
