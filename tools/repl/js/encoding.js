// TextEncoder and TextDecoder for UTF-8 (and UTF-16LE and Latin-1 to decode), as the web has them.

const REPLACEMENT = "\ufffd";
const fromCodes = String.fromCharCode, fromPoint = String.fromCodePoint;
const bytesOf = (input) => {
  if (input === undefined) return new NativeUint8Array(0);
  if (isArrayBuffer(input)) return new NativeUint8Array(input);
  if (isTypedArray(input) || isDataView(input)) return new NativeUint8Array(input.buffer, input.byteOffset, input.byteLength);
  throw new NativeTypeError("The input must be an ArrayBuffer or a view of one");
};

const encodeUtf8 = (text, put) => {
  for (let i = 0; i < text.length; i++) {
    let point = codePointAt(text, i);
    if (point > 0xffff) i++;
    else if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    let accepted;
    if (point < 0x80) accepted = put(1, point);
    else if (point < 0x800) accepted = put(2, 0xc0 | (point >> 6), 0x80 | (point & 63));
    else if (point < 0x10000) accepted = put(3, 0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    else accepted = put(4, 0xf0 | (point >> 18), 0x80 | ((point >> 12) & 63), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
    if (!accepted) return i - (point > 0xffff ? 1 : 0);
  }
  return text.length;
};

const fill = (bytes) => {
  let at = 0;
  const put = (count, a, b, c, d) => {
    if (at + count > bytes.length) return false;
    bytes[at++] = a;
    if (count > 1) bytes[at++] = b;
    if (count > 2) bytes[at++] = c;
    if (count > 3) bytes[at++] = d;
    return true;
  };
  return { __proto__: null, put, written: () => at };
};

class TextEncoder {
  get encoding() { return "utf-8"; }
  encode(input = "") {
    const text = toText(input);
    let size = 0;
    encodeUtf8(text, (count) => ((size += count), true));
    const bytes = new NativeUint8Array(size);
    encodeUtf8(text, fill(bytes).put);
    return bytes;
  }
  encodeInto(input, bytes) {
    const into = fill(bytes);
    const read = encodeUtf8(toText(input), into.put);
    return { read, written: into.written() };
  }
}

/** Decode as the WHATWG standard does, one replacement character for each broken part; `rest` gets an unfinished end. */
const decodeUtf8 = (bytes, fatal, rest) => {
  let out = "", i = 0;
  while (i < bytes.length) {
    const lead = bytes[i];
    if (lead < 0x80) {
      out += fromCodes(lead);
      i++;
      continue;
    }
    const need = lead >= 0xc2 && lead < 0xe0 ? 1 : lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xf0 && lead < 0xf5 ? 3 : 0;
    let point = need === 1 ? lead & 31 : need === 2 ? lead & 15 : lead & 7, got = 0;
    while (got < need && i + got + 1 < bytes.length) {
      const next = bytes[i + got + 1];
      const low = got === 0 && lead === 0xe0 ? 0xa0 : got === 0 && lead === 0xf0 ? 0x90 : 0x80;
      const high = got === 0 && lead === 0xed ? 0x9f : got === 0 && lead === 0xf4 ? 0x8f : 0xbf;
      if (next < low || next > high) break;
      point = (point << 6) | (next & 63);
      got++;
    }
    if (need > 0 && got === need) out += fromPoint(point);
    else if (need > 0 && i + got + 1 === bytes.length && rest !== null) {
      for (let k = i; k < bytes.length; k++) push(rest, bytes[k]);
      return out;
    } else if (fatal) throw decodingError();
    else out += REPLACEMENT;
    i += got + 1;
  }
  return out;
};

const decodingError = () => {
  const problem = new NativeTypeError("The encoded data was not valid for encoding utf-8");
  setField(problem, "code", "ERR_ENCODING_INVALID_ENCODED_DATA");
  return nodes(problem);
};

const decodeUtf16 = (bytes) => {
  let out = "";
  for (let i = 0; i + 1 < bytes.length; i += 2) out += fromCodes(bytes[i] | (bytes[i + 1] << 8));
  return bytes.length % 2 ? out + REPLACEMENT : out;
};
const decodeLatin1 = (bytes) => {
  let out = "";
  for (let i = 0; i < bytes.length; i++) out += fromCodes(bytes[i]);
  return out;
};
const ENCODINGS = {
  __proto__: null, "utf-8": "utf-8", utf8: "utf-8", "unicode-1-1-utf-8": "utf-8", "utf-16le": "utf-16le", "utf-16": "utf-16le",
  latin1: "windows-1252", "iso-8859-1": "windows-1252", ascii: "windows-1252", "us-ascii": "windows-1252", "windows-1252": "windows-1252",
};

class TextDecoder {
  #encoding;
  #fatal;
  #keepBom;
  #rest = null;
  #started = false;
  constructor(label = "utf-8", settings = {}) {
    this.#encoding = ENCODINGS[lower(toText(label))];
    if (this.#encoding === undefined) throw nodeError(NativeRangeError, "ERR_ENCODING_NOT_SUPPORTED", `The "${toText(label)}" encoding is not supported`);
    this.#fatal = !!settings.fatal;
    this.#keepBom = !!settings.ignoreBOM;
  }
  get encoding() { return this.#encoding; }
  get fatal() { return this.#fatal; }
  get ignoreBOM() { return this.#keepBom; }
  decode(input, settings = {}) {
    const bytes = this.#joined(bytesOf(input));
    const rest = settings.stream ? list() : null;
    let text = this.#encoding === "utf-8" ? decodeUtf8(bytes, this.#fatal, rest)
      : this.#encoding === "utf-16le" ? decodeUtf16(bytes) : decodeLatin1(bytes);
    this.#rest = rest;
    if (!this.#started && !this.#keepBom && text[0] === "\ufeff") text = slice(text, 1);
    this.#started = rest !== null;
    return text;
  }
  #joined(bytes) {
    if (this.#rest === null || this.#rest.length === 0) return bytes;
    const joined = new NativeUint8Array(this.#rest.length + bytes.length);
    for (let i = 0; i < this.#rest.length; i++) joined[i] = this.#rest[i];
    for (let i = 0; i < bytes.length; i++) joined[this.#rest.length + i] = bytes[i];
    return joined;
  }
}
tag(TextEncoder, "TextEncoder");
tag(TextDecoder, "TextDecoder");
define(global, "TextEncoder", TextEncoder);
define(global, "TextDecoder", TextDecoder);
