/** The fold: entries in order, the code that runs now, and the symbols as they are after the last entry. */

export const start = () => ({ entries: [], symbols: {}, running: {} });

const FOLDS = {
  "repl.evaluated": (state, { n, at, data }) => ({
    entries: [...state.entries, { kind: "code", key: n, at, ...data, n: data.n }],
    symbols: changed(state.symbols, data.symbols),
    running: without(state.running, data.call_id),
  }),
  "repl.restored": (state, { n, at, data }) => ({ ...state, entries: [...state.entries, { kind: "note", key: n, at, text: restored(data) }] }),
  "repl.reset": (state, { n, at }) => ({ entries: [...state.entries, { kind: "note", key: n, at, text: "Reset: all symbols are gone." }], symbols: {}, running: {} }),
  "call.started": (state, { data }) => {
    if (data.kit !== "repl" || typeof data.input?.code !== "string") return state;
    return { ...state, running: { ...state.running, [data.call_id]: data.input.code } };
  },
  "call.finished": (state, { data }) => ended(state, data.call_id),
  "call.obsoleted": (state, { data }) => ended(state, data.call_id),
};

export const fold = (state, event) => FOLDS[event.type]?.(state, event) ?? state;

const ended = (state, id) => (id in state.running ? { ...state, running: without(state.running, id) } : state);

function changed(symbols, { set = [], removed = [] } = {}) {
  if (set.length + removed.length === 0) return symbols;
  const next = { ...symbols };
  for (const name of removed) delete next[name];
  for (const symbol of set) next[symbol.name] = symbol;
  return next;
}

function without(running, id) {
  if (!(id in running)) return running;
  const { [id]: _, ...rest } = running;
  return rest;
}

const restored = ({ calls, ms, note }) => note || `Restored from ${calls} calls in ${Math.round(ms ?? 0)} ms.`;
