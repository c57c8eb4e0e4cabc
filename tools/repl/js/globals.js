// The rest of what a program may expect: performance, crypto, structuredClone and URL (loaded at their first use: that
// costs 15 ms). What could not be repeated by a replay, or could block or escape, is taken away or made harmless.

let timeOrigin = 0;

class Performance {
  get timeOrigin() { return timeOrigin; }
  now() { return now() - timeOrigin; }
  toJSON() { return { timeOrigin }; }
}
tag(Performance, "Performance");
define(global, "performance", new Performance());

const HEX = "0123456789abcdef";
const randomBytes = (bytes) => {
  for (let i = 0; i < bytes.length; i++) bytes[i] = nextUint32() >>> 24;
  return bytes;
};
class Crypto {
  getRandomValues(view) {
    const kind = isTypedArray(view) ? typedArrayName(view) : "";
    if (kind === "" || startsWith(kind, "Float")) throw domException("The data argument must be an integer-type TypedArray", "TypeMismatchError");
    if (view.byteLength > 65536) throw domException("The requested length exceeds 65,536 bytes", "QuotaExceededError");
    randomBytes(bytesOf(view));
    return view;
  }
  randomUUID() {
    const bytes = randomBytes(new NativeUint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    let out = "";
    for (let i = 0; i < 16; i++) out += (i === 4 || i === 6 || i === 8 || i === 10 ? "-" : "") + HEX[bytes[i] >> 4] + HEX[bytes[i] & 15];
    return out;
  }
}
tag(Crypto, "Crypto");
define(global, "crypto", new Crypto());

// References that never let go: collection of garbage is not repeatable, and never collecting is allowed.
class WeakRef {
  #target;
  constructor(target) {
    if (!isObject(target) && typeof target !== "symbol") throw new NativeTypeError("WeakRef: invalid target");
    this.#target = target;
  }
  deref() { return this.#target; }
}
class FinalizationRegistry {
  constructor(cleanup) {
    if (typeof cleanup !== "function") throw new NativeTypeError("FinalizationRegistry: cleanup must be callable");
  }
  register() {}
  unregister() { return false; }
}
tag(WeakRef, "WeakRef");
tag(FinalizationRegistry, "FinalizationRegistry");
define(global, "WeakRef", WeakRef);
define(global, "FinalizationRegistry", FinalizationRegistry);
delete global.WebAssembly;
delete global.SharedArrayBuffer;
delete global.Temporal;
if (global.Atomics) {
  delete Atomics.wait;
  delete Atomics.waitAsync;
  delete Atomics.notify;
}

define(global, "global", global);
defineProperty(global, Symbol.toStringTag, { __proto__: null, value: "global", writable: false, enumerable: false, configurable: true });

const LAZY = ["URL", "URLSearchParams", "structuredClone", "atob", "btoa", "DOMException"];
setPrototypeOf(LAZY, null);
const lazyAccessors = new NativeMap();

const loadWeb = () => {
  const redefined = list();
  for (let i = 0; i < LAZY.length; i++) {
    const found = describe(global, LAZY[i]);
    push(redefined, getterOf(found) !== undefined && getterOf(found) === mapGet(lazyAccessors, LAZY[i]) ? null : found ?? null);
    deleteProperty(global, LAZY[i]);
  }
  indirectEval(`(host) => {${webSource}\n}\n//# sourceURL=glasshouse:web`)(cloneHost);
  deleteProperty(global, "__core-js_shared__");
  for (let i = 0; i < LAZY.length; i++) {
    if (redefined[i] !== null) defineProperty(global, LAZY[i], setPrototypeOf(redefined[i], null));
    else {
      const name = LAZY[i], telling = TELLING[name];
      define(global, name, telling === undefined ? global[name] : telling(global[name]));
      noteBaseline(LAZY[i]);
    }
  }
  if (redefined[0] === null && redefined[1] === null) drawWeb();
};

/** URL with Node's words where the address is none. */
const tellingURL = (URL) => {
  const telling = new NativeProxy(URL, {
    __proto__: null,
    construct(target, args, newTarget) {
      if (args.length === 0) throw missing("url");
      const input = `${args[0]}`, base = args[1] === undefined ? undefined : `${args[1]}`;
      try {
        return construct(target, [input, base], newTarget);
      } catch {
        const problem = new NativeTypeError("Invalid URL");
        setField(problem, "code", "ERR_INVALID_URL");
        setField(problem, "input", input);
        if (base !== undefined) setField(problem, "base", base);
        throw nodes(problem);
      }
    },
  });
  define(URL.prototype, "constructor", telling);
  return telling;
};

const LATIN1 = /^[\x00-\xff]*$/;
const tellingBtoa = (encode) => ({
  btoa(text) {
    if (arguments.length === 0) throw missing("input");
    if (match(LATIN1, `${text}`) === null) throw domException("Invalid character", "InvalidCharacterError");
    return apply(encode, undefined, [`${text}`]);
  },
}.btoa);
const BASE64 = /^[A-Za-z0-9+/=\t\n\f\r ]*$/;
const tellingAtob = (decode) => ({
  atob(text) {
    if (arguments.length === 0) throw missing("input");
    const given = `${text}`;
    if (match(BASE64, given) === null) throw domException("Invalid character", "InvalidCharacterError");
    try {
      return apply(decode, undefined, [given]);
    } catch {
      throw domException("The string to be decoded is not correctly encoded.", "InvalidCharacterError");
    }
  },
}.atob);
const TELLING = { __proto__: null, URL: tellingURL, structuredClone: tellingClone, btoa: tellingBtoa, atob: tellingAtob };
for (let i = 0; i < LAZY.length; i++) {
  const name = LAZY[i];
  const lazy = {
    get [name]() {
      loadWeb();
      return global[name];
    },
    set [name](value) { define(global, name, value); },
  };
  const accessor = describe(lazy, name);
  mapSet(lazyAccessors, name, accessor.get);
  defineProperty(global, name, { __proto__: null, get: accessor.get, set: accessor.set, configurable: true, enumerable: false });
}
