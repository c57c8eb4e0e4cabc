/** The live page's panel: the page itself, live, and what the operator can do with it. */
import { comparison } from "./panel/compare.js";
import { commentBox } from "./panel/comment.js";
import { el, icon, tool } from "./panel/element.js";
import { historyDrawer } from "./panel/history.js";
import { shareDialog } from "./panel/share.js";

const WORDS = { connecting: "Connecting", live: "Live", reconnecting: "Reconnecting…", revoked: "Ended" };
const views = new WeakMap();

export const panel = {
  icon: "M2.5 3h11v10h-11zM2.5 6.2h11M4.6 4.6h.1M6.4 4.6h.1",
  start: () => ({ revision: 0, entries: [] }),
  fold: (state, { type, at, data }) => {
    if (type === "livepage.reset") return panel.start();
    if (type !== "livepage.edited") return state;
    const { revision, author, tool, summary } = data;
    return { revision, entries: [...state.entries, { rev: revision, at, author, tool, summary }] };
  },
  render: (root, state, host) => {
    let view = views.get(root);
    if (view && view.replaying !== Boolean(host.replaying)) view = panel.stop(root); // what may be done differs
    if (!view) views.set(root, (view = openView(root, host)));
    view.draw(state);
  },
  stop: (root) => {
    views.get(root)?.stop();
    views.delete(root);
  },
};

function openView(root, host) {
  const facts = { state: "connecting", revision: null, viewers: null };
  const status = el("p", { class: "lp-state", role: "status" }, el("i"), el("span"));
  const count = el("p", { class: "lp-facts" });
  const frame = el("iframe", { class: "lp-frame", title: "The live page", src: `${host.base}/page` });
  const stage = el("div", { class: "lp-stage" }, el("div", { class: "lp-device" }, frame));
  const ask = (message) => frame.contentWindow.postMessage(message, location.origin);

  const phone = tool("phone", "Phone", () => toggle(phone, stage.classList.toggle("lp-phone")), { "aria-pressed": "false" });
  const point = tool("point", "Comment", () => pointing(point.getAttribute("aria-pressed") !== "true"), { "aria-pressed": "false" });
  const past = tool("history", "History", () => showHistory(drawer.root.hidden), { "aria-pressed": "false" });
  const save = el("details", { class: "lp-save" },
    el("summary", { class: "lp-tool", title: "Download", "aria-label": "Download" }, icon("save"), el("span", { text: "Download" })),
    el("menu", {},
      el("li", {}, el("a", { href: `${host.base}/page/export?scripts=1`, download: true }, "As it is", el("small", { text: "one .html file" }))),
      el("li", {}, el("a", { href: `${host.base}/page/export?scripts=0`, download: true }, "Without scripts", el("small", { text: "runs nothing" })))));

  const compare = comparison(host);
  const shares = shareDialog(host);
  const comment = commentBox(host, { closed: () => toggle(point, false) });
  const drawer = historyDrawer(host, {
    compare: compare.show,
    close: el("button", { type: "button", class: "lp-tool", "aria-label": "Close the history", onclick: () => showHistory(false) }, icon("close")),
  });
  const own = host.readOnly ? [] : [point, past, tool("share", "Share", shares.open)];
  const note = el("p", { class: "lp-note", hidden: !host.replaying, text: "The page is shown as it is now, not as it was." });
  root.replaceChildren(el("div", { class: "lp" },
    el("div", { class: "lp-bar" }, status, count, phone, ...own, save), note,
    el("div", { class: "lp-body" }, stage, drawer.root), comment.root, compare.root, shares.root));

  let shown = panel.start();
  const draw = () => {
    status.dataset.state = facts.state;
    status.querySelector("span").textContent = WORDS[facts.state];
    const watching = facts.viewers === null ? "" : ` · ${facts.viewers} watching`;
    count.textContent = `Revision ${facts.revision ?? shown.revision}${watching}`;
    drawer.draw(shown);
  };

  function showHistory(open) {
    drawer.root.hidden = !open;
    toggle(past, open);
    draw();
  }

  function pointing(on) {
    toggle(point, on);
    ask({ point: on });
    if (on) frame.focus();
  }

  const hear = ({ source, origin, data }) => {
    if (source !== frame.contentWindow || origin !== location.origin || !data?.livepage) return;
    const { picked, ...news } = data.livepage;
    Object.assign(facts, news);
    if (picked) comment.open(picked, facts.revision);
    else if (picked === null) toggle(point, false);
    draw();
  };
  const closeMenus = ({ target }) => save.contains(target) && !target.closest("a") ? null : save.removeAttribute("open");
  addEventListener("message", hear);
  document.addEventListener("click", closeMenus);

  return {
    replaying: Boolean(host.replaying),
    draw(state) {
      shown = state;
      draw();
    },
    stop() {
      removeEventListener("message", hear);
      document.removeEventListener("click", closeMenus);
      root.replaceChildren();
    },
  };
}

const toggle = (button, on) => button.setAttribute("aria-pressed", String(on));
