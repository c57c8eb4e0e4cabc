// Insertions and replacements in a text, and where each later place of a line ends up.

class Edits {
  #source;
  #shifted;
  #edits = [];
  #before = "";
  #after = "";

  /** `shifted`: how many characters of the first line the agent did not write (a wrapping parenthesis). */
  constructor(source, shifted) {
    this.#source = source;
    this.#shifted = shifted;
  }

  insert(at, text) {
    this.replace(at, at, text);
  }

  /** Replace text that has no line end in it. Inserts at one place keep the order in which they came. */
  replace(from, to, text) {
    this.#edits.push({ from, to, text, order: this.#edits.length });
  }

  wrap(before, after) {
    this.#before = before;
    this.#after = after;
  }

  #sorted() {
    return this.#edits.sort((a, b) => a.from - b.from || a.order - b.order);
  }

  text() {
    let out = this.#before, at = 0;
    for (const { from, to, text } of this.#sorted()) {
      out += this.#source.slice(at, from) + text;
      at = to;
    }
    return out + this.#source.slice(at) + this.#after;
  }

  /** [line, column, shift, …]: from that column (from 0, of the result) on, a place is `shift` to the right. */
  shifts() {
    const out = [];
    let line = 1, start = 0, shift = this.#before.length + this.#shifted, scanned = 0;
    if (shift) out.push(1, 0, shift);
    for (const { from, to, text } of this.#sorted()) {
      for (let at = this.#source.indexOf("\n", scanned); at >= 0 && at < from; at = this.#source.indexOf("\n", at + 1)) {
        line++;
        start = at + 1;
        shift = 0;
      }
      scanned = Math.max(start, scanned);
      const column = from - start + shift;
      shift += text.length - (to - from);
      out.push(line, column, shift);
    }
    return out;
  }
}
