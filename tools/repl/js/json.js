// JSON in plain ASCII, written without JSON.stringify: that one would call the agent's toJSON, and a lone surrogate or
// a value that mini-racer cannot convert would hang the caller for ever.

const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;

const quote = (text) => {
  if (match(PLAIN, text) !== null) return `"${text}"`;
  let out = '"', from = 0;
  for (let i = 0; i < text.length; i++) {
    const code = textAt(text, i);
    if (code >= 0x20 && code < 0x7f && code !== 0x22 && code !== 0x5c) continue;
    out += slice(text, from, i) + escapeOf(code);
    from = i + 1;
  }
  return out + slice(text, from) + '"';
};

const escapeOf = (code) => {
  if (code === 0x22) return '\\"';
  if (code === 0x5c) return "\\\\";
  if (code === 0x0a) return "\\n";
  return "\\u" + padStart(inRadix(code, 16), 4, "0");
};

/** Encode null, booleans, finite numbers, strings, lists and records without a prototype. */
const encode = (value) => {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number") return value - value === 0 ? `${value}` : "null";
  if (value === null || value === undefined) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  let out = "";
  if (isArray(value)) {
    for (let i = 0; i < value.length; i++) out += (i ? "," : "") + encode(value[i]);
    return `[${out}]`;
  }
  const names = enumerableKeys(value);
  for (let i = 0; i < names.length; i++) out += `${i ? "," : ""}${quote(names[i])}:${encode(value[names[i]])}`;
  return `{${out}}`;
};
