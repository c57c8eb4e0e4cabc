// What structuredClone asks of us: whether a tag is only the agent's, and V8's words for what it cannot copy.

const COPIED = new NativeSet();
{
  const tags = [
    "Array", "Object", "Map", "Set", "RegExp", "Error", "Date", "Boolean", "Number", "String", "BigInt", "ArrayBuffer", "DataView",
    "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array", "Float16Array",
    "Float32Array", "Float64Array", "BigInt64Array", "BigUint64Array", "DOMException",
  ];
  for (let i = 0; i < tags.length; i++) setAdd(COPIED, tags[i]);
}
const SLOTTED = /^(?:Function|(?:Async)?(?:Generator)?Function|(?:Async)?Generator|Arguments|Symbol|Promise|Weak.*|FinalizationRegistry|Intl\..*|.* Iterator|Iterator.*)$/;

const cloneHost = freeze({
  __proto__: null,
  isProxy,
  /** The kind of a value whose tag is `tag`: an object that only has a tag of its own, like Math, is an ordinary one. */
  typeOf: (value, tag) => (setHas(COPIED, tag) || typeof value === "function" || match(SLOTTED, tag) !== null ? tag : "Object"),
  refuse(value) {
    throw domException(`${named(value)} could not be cloned.`, "DataCloneError");
  },
});

const objectToText = Object.prototype.toString;

/** The first property of this name up the chain, if it is data. */
const inherited = (value, name) => {
  for (let at = value; at !== null; at = getPrototypeOf(at)) {
    if (isProxy(at)) return undefined;
    const found = describe(at, name);
    if (found !== undefined) return dataOf(found);
  }
  return undefined;
};

/** A value as V8 names it in its errors. */
const named = (value) => {
  if (typeof value === "symbol") return toText(value);
  if (isProxy(value)) return weakGet(proxies, value)[0] === null ? "#<Object>" : named(weakGet(proxies, value)[0]);
  if (typeof value === "function") return sourceOf(value);
  const maker = inherited(value, "constructor");
  return inherited(value, "toString") === objectToText && typeof maker === "function" ? `#<${typeOf(value)}>` : tagOf(value);
};

/** structuredClone that says what it misses. */
const tellingClone = (clone) => ({
  structuredClone(value, settings) {
    if (arguments.length === 0) throw nodeError(NativeTypeError, "ERR_MISSING_ARGS", "The value argument must be specified");
    if (settings === undefined || settings === null) return apply(clone, undefined, [value]);
    if (!isObject(settings)) throw nodeError(NativeTypeError, "ERR_INVALID_ARG_TYPE", "The options argument must be either an object or undefined");
    return apply(clone, undefined, [value, settings]);
  },
}.structuredClone);
