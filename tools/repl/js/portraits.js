// How the web's objects print: as Node prints its own.

const custom = Symbol.for("nodejs.util.inspect.custom");

const drawAs = (Class, fieldsOf) =>
  define(Class.prototype, custom, function (depth, settings) {
    const name = typeOf(this);
    if (depth < 0) return `[${name}]`;
    const fields = fieldsOf(this), shown = {};
    const names = enumerableKeys(fields);
    for (let i = 0; i < names.length; i++) defineProperty(shown, names[i], { __proto__: null, value: fields[names[i]], enumerable: true, configurable: true, writable: true });
    return `${name} ${inspect(shown, settings)}`;
  });

drawAs(AbortController, (it) => ({ signal: it.signal }));
drawAs(AbortSignal, (it) => ({ aborted: it.aborted }));
drawAs(EventTarget, () => ({}));
drawAs(Event, (it) => ({ type: it.type, defaultPrevented: it.defaultPrevented, cancelable: it.cancelable, timeStamp: it.timeStamp }));
drawAs(TextDecoder, (it) => ({ encoding: it.encoding, fatal: it.fatal, ignoreBOM: it.ignoreBOM }));
define(TextEncoder.prototype, custom, function (depth, settings) { return inspect({ encoding: this.encoding }, settings); });
drawAs(Performance, () => ({ timeOrigin }));

const URL_FIELDS = ["href", "origin", "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "searchParams", "hash"];

/** Once the polyfills are loaded. */
const drawWeb = () => {
  define(global.DOMException.prototype, custom, function () {
    const stack = `${this.stack}`, at = find(stack, "\n    at "), omit = topFrame();
    const frames = at < 0 ? "" : slice(stack, at);
    const head = `DOMException [${this.name}]: ${this.message}`;
    return head + (omit === null ? frames : replaceAll(omit, frames, ""));
  });
  drawAs(global.URL, (it) => {
    const fields = {};
    for (let i = 0; i < URL_FIELDS.length; i++) fields[URL_FIELDS[i]] = it[URL_FIELDS[i]];
    return fields;
  });
  define(global.URLSearchParams.prototype, custom, function (depth, settings) {
    let out = "";
    this.forEach((value, key) => { out += `${out === "" ? "" : ","} ${inspect(key, settings)} => ${inspect(value, settings)}`; });
    return out === "" ? "URLSearchParams {}" : `URLSearchParams {${out} }`;
  });
};
