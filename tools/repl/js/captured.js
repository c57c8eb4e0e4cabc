// What our own code uses of JavaScript, taken before any code of the agent runs. The files after this one call nothing
// else: no methods looked up on values, no spread, no for-of, no array literals that grow, because the agent's code may
// have replaced all of that. Arrays of ours have no prototype (list), records neither ({ __proto__: null }).

const uncurry = (() => {
  const { bind, call } = Function.prototype;
  return bind.bind(call);
})();

const global = globalThis;
const indirectEval = eval;

const {
  defineProperty, getOwnPropertyDescriptor: describe, getPrototypeOf, ownKeys,
  apply, construct, deleteProperty, isExtensible,
} = Reflect;
const { freeze, is: sameValue, keys: enumerableKeys, setPrototypeOf } = Object;
const { floor, min, max, imul } = Math;
const NativeDate = Date, NativeProxy = Proxy, NativePromise = Promise, NativeMap = Map, NativeSet = Set, NativeWeakMap = WeakMap;
const NativeError = Error, NativeTypeError = TypeError, NativeReferenceError = ReferenceError, NativeRangeError = RangeError;
const toText = String, toNumber = Number, isArray = Array.isArray, isNaNValue = Number.isNaN;
const RegExpOf = RegExp;
const NativeUint8Array = Uint8Array;
const realNow = Date.now;
const parseJSON = JSON.parse;

const hasOwn = uncurry(Object.prototype.hasOwnProperty);
const tagOf = uncurry(Object.prototype.toString);
const sourceOf = uncurry(Function.prototype.toString);
const textAt = uncurry(String.prototype.charCodeAt);
const slice = uncurry(String.prototype.slice);
const find = uncurry(String.prototype.indexOf);
const startsWith = uncurry(String.prototype.startsWith);
const repeat = uncurry(String.prototype.repeat);
const lower = uncurry(String.prototype.toLowerCase);
const padStart = uncurry(String.prototype.padStart);
const codePointAt = uncurry(String.prototype.codePointAt);
const fixed = uncurry(Number.prototype.toFixed);
const inRadix = uncurry(Number.prototype.toString);
const match = uncurry(RegExp.prototype.exec);
const errorText = uncurry(Error.prototype.toString);
const then = uncurry(Promise.prototype.then);
const mapGet = uncurry(Map.prototype.get), mapSet = uncurry(Map.prototype.set), mapHas = uncurry(Map.prototype.has);
const mapDelete = uncurry(Map.prototype.delete), mapEach = uncurry(Map.prototype.forEach), mapClear = uncurry(Map.prototype.clear);
const setAdd = uncurry(Set.prototype.add), setHas = uncurry(Set.prototype.has);
const setDelete = uncurry(Set.prototype.delete), setEach = uncurry(Set.prototype.forEach);
const weakGet = uncurry(WeakMap.prototype.get), weakSet = uncurry(WeakMap.prototype.set), weakHas = uncurry(WeakMap.prototype.has);
const sizeOfMap = uncurry(describe(Map.prototype, "size").get);
const sizeOfSet = uncurry(describe(Set.prototype, "size").get);

// A descriptor inherits from Object.prototype, where the agent may have put a `value` or `get` of its own.
const isData = (found) => found !== undefined && hasOwn(found, "value");
const dataOf = (found) => (isData(found) ? found.value : undefined);
const getterOf = (found) => (found !== undefined && hasOwn(found, "get") ? found.get : undefined);

/** An array that no patched Array.prototype can reach. */
const list = () => setPrototypeOf([], null);
const push = (array, value) => {
  array[array.length] = value;
};

/** Define what a program may later redefine, as the built-in globals are. */
const define = (object, name, value) =>
  defineProperty(object, name, { __proto__: null, value, writable: true, configurable: true, enumerable: false });

/** Give a class of ours its tag, as the built-in ones have it. */
const tag = (Class, name) =>
  defineProperty(Class.prototype, Symbol.toStringTag, { __proto__: null, value: name, writable: false, configurable: true, enumerable: false });

const isObject = (value) => (typeof value === "object" && value !== null) || typeof value === "function";

/** Set what a program may see when it lists the properties, as Node sets `code`. */
const setField = (object, name, value) =>
  defineProperty(object, name, { __proto__: null, value, writable: true, configurable: true, enumerable: true });

/** An error as Node makes its own: the code stands in the stack's first line, not in the name. */
const nodeError = (Kind, code, message) => {
  const problem = new Kind(message);
  define(problem, "name", `${problem.name} [${code}]`);
  void problem.stack; // made here, while the name says so
  deleteProperty(problem, "name");
  setField(problem, "code", code);
  return nodes(problem);
};
const nodesErrors = new NativeWeakMap();
/** Mark an error as one of Node's, which in Node has frames even where the agent's code is one line. */
const nodes = (problem) => {
  weakSet(nodesErrors, problem, true);
  return problem;
};
