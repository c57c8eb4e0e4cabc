/** The fold: the newest act with its page and frame, and where the browser stood before it. */

export const start = () => ({ act: null, n: 0, page: null, frame: null, viewport: { width: 1280, height: 800 }, counts: null, recent: [], reset: false });

const RECENT = 30; // acts that the list under the page shows

export function fold(state, { n, at, type, data }) {
  if (type === "browser.acted") return acted(state, n, at, data);
  if (type === "browser.restored") return { ...state, n, act: null, page: { url: data.url, title: "", tabs: data.tabs ?? [] } };
  if (type === "browser.reset") return { ...start(), n, reset: true };
  return state;
}

function acted(state, n, at, data) {
  return {
    n,
    act: { ...data, moved: state.page !== null && state.page.url !== data.url }, // an outline belongs to the page it was drawn for
    page: { url: data.url, title: data.title, tabs: data.tabs ?? [] },
    frame: data.frame ?? state.frame,
    viewport: data.viewport ?? state.viewport,
    counts: data.counts ?? state.counts,
    recent: [{ n, at, label: data.label, author: data.author, error: Boolean(data.error) }, ...state.recent.slice(0, RECENT - 1)],
    reset: false,
  };
}
