// What Node's util.inspect asks the engine: is this really a Map, what does this proxy hide, how does this promise
// stand. Answered by internal slots, so neither Symbol.toStringTag nor a patched prototype can make it lie or throw.

const getter = (proto, name) => uncurry(describe(proto, name).get);
const TypedArrayPrototype = getPrototypeOf(Uint8Array.prototype);
const typedArrayName = getter(TypedArrayPrototype, Symbol.toStringTag);

/** A predicate: does `probe` accept the object as one of its own kind? */
const accepts = (probe) => (value) => {
  if (!isObject(value) || isProxy(value)) return false;
  try {
    probe(value);
    return true;
  } catch {
    return false;
  }
};

const proxies = new NativeWeakMap();
const isProxy = (value) => weakHas(proxies, value);

const remember = (proxy, target, handler) => {
  const details = list();
  push(details, target);
  push(details, handler);
  weakSet(proxies, proxy, details);
  return proxy;
};

const nativeRevocable = NativeProxy.revocable;
const revocable = {
  revocable(target, handler) {
    const made = nativeRevocable(target, handler);
    const { proxy, revoke } = made;
    remember(proxy, target, handler);
    made.revoke = () => {
      remember(proxy, null, null);
      revoke();
    };
    return made;
  },
}.revocable;
define(NativeProxy, "revocable", revocable);

const ProxyWithMemory = new NativeProxy(NativeProxy, {
  __proto__: null,
  construct: (target, args, newTarget) => remember(construct(target, args, newTarget), args[0], args[1]),
});
define(global, "Proxy", ProxyWithMemory);

const isError = accepts(
  typeof Error.isError === "function"
    ? ((check) => (value) => { if (!check(value)) throw 0; })(Error.isError)
    : (value) => { if (tagOf(value) !== "[object Error]") throw 0; },
);
const isDate = accepts(uncurry(NativeDate.prototype.getTime));
const isRegExp = accepts(getter(RegExp.prototype, "hasIndices"));
const isMap = accepts(sizeOfMap);
const isSet = accepts(sizeOfSet);
const isWeakMap = accepts((value) => weakHas(value, proxies));
const isWeakSet = accepts(((has) => (value) => has(value, proxies))(uncurry(WeakSet.prototype.has)));
const isArrayBuffer = accepts(getter(ArrayBuffer.prototype, "byteLength"));
const isDataView = accepts(getter(DataView.prototype, "buffer"));
const isTypedArray = (value) => isObject(value) && typedArrayName(value) !== undefined;
const unboxed = (proto) => accepts(uncurry(proto.valueOf));
const isNumberObject = unboxed(Number.prototype), isStringObject = unboxed(String.prototype);
const isBooleanObject = unboxed(Boolean.prototype), isBigIntObject = unboxed(BigInt.prototype);
const isSymbolObject = unboxed(Symbol.prototype);
const isBoxedPrimitive = (value) =>
  isNumberObject(value) || isStringObject(value) || isBooleanObject(value) || isBigIntObject(value) || isSymbolObject(value);

// A promise has no slot that can be asked without consequence, and iterators and generators neither; these read the
// tag where it is inherited from the genuine prototype.
const inherits = (proto) => (value) => {
  if (!isObject(value)) return false;
  for (let at = value; at !== null && !isProxy(at); at = getPrototypeOf(at)) if (at === proto) return at !== value;
  return false;
};
const isPromise = inherits(NativePromise.prototype);
const MapIteratorPrototype = getPrototypeOf(new NativeMap().entries());
const SetIteratorPrototype = getPrototypeOf(new NativeSet().values());
const mapEntries = uncurry(NativeMap.prototype.entries), setValues = uncurry(NativeSet.prototype.values);
const nextOfMap = uncurry(MapIteratorPrototype.next), nextOfSet = uncurry(SetIteratorPrototype.next);
const { toStringTag } = Symbol;
const isArguments = (value) => isObject(value) && !isProxy(value) && !hasTag(value) && tagOf(value) === "[object Arguments]";
const hasTag = (value) => describe(value, toStringTag) !== undefined;
const inheritsGenerator = inherits(getPrototypeOf(function* () {}));
const inheritsAsyncGenerator = inherits(getPrototypeOf(async function* () {}));
const inheritsAsync = inherits(getPrototypeOf(async function () {}));
const isModule = () => false, isExternal = () => false;

const types = {
  __proto__: null,
  isAsyncFunction: (value) => inheritsAsync(value) || inheritsAsyncGenerator(value),
  isGeneratorFunction: (value) => inheritsGenerator(value) || inheritsAsyncGenerator(value),
  isAnyArrayBuffer: isArrayBuffer, isArrayBuffer, isArgumentsObject: isArguments, isBoxedPrimitive, isDataView, isExternal,
  isMap, isSet, isWeakMap, isWeakSet, isNativeError: isError, isPromise, isRegExp, isDate, isTypedArray,
  isMapIterator: inherits(MapIteratorPrototype), isSetIterator: inherits(SetIteratorPrototype), isModuleNamespaceObject: isModule,
  isStringObject, isNumberObject, isBooleanObject, isBigIntObject, isSymbolObject,
};

const PENDING = Symbol("pending"), REJECTED = Symbol("rejected"), FULFILLED = Symbol("fulfilled");
const promiseStates = new NativeWeakMap();
const INDEX = /^(?:0|[1-9][0-9]{0,9})$/;

const binding = {
  __proto__: null,
  constants: { __proto__: null, kPending: PENDING, kRejected: REJECTED, ALL_PROPERTIES: 0, ONLY_ENUMERABLE: 2 },
  getOwnNonIndexProperties(value, filter = 2) {
    const keys = ownKeys(value), found = [];
    let count = 0;
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      if (typeof key === "string" && match(INDEX, key) !== null && toNumber(key) < 4294967295) continue;
      if (filter === 2 && !describe(value, key)?.enumerable) continue;
      defineProperty(found, count++, { __proto__: null, value: key, writable: true, enumerable: true, configurable: true });
    }
    return found;
  },
  getPromiseDetails: (promise) => weakGet(promiseStates, promise) ?? [PENDING, undefined],
  getProxyDetails(value, both = true) {
    const details = isObject(value) ? weakGet(proxies, value) : undefined;
    return details === undefined ? undefined : both ? details : details[0];
  },
  Proxy: NativeProxy,
  previewEntries: (value, both) => previewEntries(value, both),
  getConstructorName: (value) => slice(tagOf(value), 8, -1),
  getExternalValue: () => 0n,
};

/** Of a Map or Set; of one without a prototype the printer has an iterator, which has none. */
const entryCount = (value) => (isMap(value) ? sizeOfMap(value) : isSet(value) ? sizeOfSet(value) : undefined);

class NoURL {}
/** Arrays that have a prototype, filled so that a setter the agent has put there for an index is not asked. */
const append = (array, value) => {
  defineProperty(array, array.length, { __proto__: null, value, writable: true, configurable: true, enumerable: true });
  return array.length;
};
const appendAll = (array, values) => {
  for (let i = 0; i < values.length; i++) append(array, values[i]);
  return array.length;
};
const arrayFrom = uncurry(Array.from), NativeArray = Array;
const filledArray = function (length) {
  return arrayFrom(NativeArray, { __proto__: null, length });
};

const inspectHost = {
  __proto__: null, sizeOf: entryCount, push: append, lists: { ArrayPrototypePush: append, ArrayPrototypePushApply: appendAll, Array: filledArray }, pop: uncurry(Array.prototype.pop), includes: uncurry(Array.prototype.includes), types, binding, URL: NoURL, maxKeys: 200,
  moreKeys: (count) => `... ${count} more propert${count === 1 ? "y" : "ies"}`,
};
