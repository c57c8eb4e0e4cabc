// What a walk over a document collects: lines of text, elements with their places in them. A fragment of the eye's closure.

const LINE_MAX = 2000; // characters: longer ones are told in parts
const WALK_MS = 3000; // of one walk: pages of hundreds of thousands of elements take longer
const CLOCK = 64; // elements between two looks at the clock

/** A walk collects lines until it has `limit` characters, `most` elements or no more time; `near` keeps to what is at most that many px out of view. */
class Walk {
  constructor({ limit = Infinity, near = null, most = Infinity, ms = WALK_MS } = {}) {
    Object.assign(this, { limit, near, most, until: performance.now() + ms, steps: 0, late: false, lines: [], line: "", kept: false, size: 0, found: [], frames: [], last: null, full: false });
  }

  /** One element more. False when there was time for no more. */
  step() {
    this.steps++;
    if (this.steps > this.most || (this.steps % CLOCK === 0 && performance.now() > this.until)) this.full = this.late = true;
    return !this.full;
  }

  text(raw, keep) {
    const text = keep ? raw : raw.replace(/[\s\u0001-\u0004]+/g, " ");
    if (!text || (text === " " && (!this.line || this.line.endsWith(" ")))) return;
    this.line += this.line.endsWith(" ") && text.startsWith(" ") ? text.slice(1) : text;
    if (this.size + this.line.length > this.limit) this.end();
  }

  element(el, text) {
    this.found.push({ el, text });
    const gap = this.line && !/[\s(|]$/.test(this.line) ? " " : "";
    this.line += `${gap}\u0001${this.found.length - 1}\u0002 `;
    this.size += text.length + 6;
  }

  end(next = "") {
    const line = this.kept ? this.line.trimEnd() : this.line.trim();
    this.kept = false;
    if (line && !/^([-|]|#+|\d+\.)( \|)*$/.test(line)) {
      for (const piece of pieces(line)) {
        this.lines.push(piece);
        this.size += piece.length + 1;
        if (this.size > this.limit) {
          this.full = true;
          break;
        }
      }
    }
    this.line = next;
  }
}

/** A line in parts that can be read, and found, one by one. */
function* pieces(line) {
  let from = 0;
  while (line.length - from > LINE_MAX) {
    const space = from + line.slice(from, from + LINE_MAX + 1).lastIndexOf(" "); // no further back: that would be all of it each time
    let end = space > from + LINE_MAX / 2 ? space : from + LINE_MAX;
    if (end !== space && /[\ud800-\udbff]/.test(line[end - 1])) end--;
    yield line.slice(from, end);
    from = end === space ? end + 1 : end;
  }
  yield from ? line.slice(from) : line;
}
