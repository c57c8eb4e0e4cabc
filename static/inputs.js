/** A call's input as people read it: in one line on the card, in full when opened. */

const LONGEST = 200; // characters; the card cuts what does not fit

const short = (value) => (typeof value === "string" ? value : JSON.stringify(value));
const flat = (text) => text.replace(/\s+/g, " ").trim();

export function oneLine(input) {
  const entries = Object.entries(input ?? {}).filter(([, value]) => value !== null && value !== undefined);
  if (entries.length === 1) return flat(short(entries[0][1])).slice(0, LONGEST);
  return entries.map(([key, value]) => `${key} ${flat(short(value)).slice(0, 80)}`).join("  ").slice(0, LONGEST);
}

const LANGUAGES = { code: "javascript", js: "javascript", css: "css", html: "xml", command: "bash" };

/** The one long text of an input as itself (code with its lines), anything else as JSON. */
export function pretty(input) {
  const entries = Object.entries(input ?? {});
  const [[key, value] = []] = entries;
  if (entries.length === 1 && typeof value === "string") return { text: value, language: LANGUAGES[key] };
  if (!entries.some(([, text]) => typeof text === "string" && text.includes("\n"))) {
    return { text: JSON.stringify(input ?? {}, null, 2), language: "json" };
  }
  const lines = entries.map(([name, part]) => `${name}: ${typeof part === "string" && part.includes("\n") ? `\n${part}` : JSON.stringify(part)}`);
  return { text: lines.join("\n"), language: undefined };
}
