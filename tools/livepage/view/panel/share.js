/** Links to the page alone: make one, copy it, see who watches by which, revoke. */
import { ago, el, request } from "./element.js";

const EXPIRES = [["Never ends", ""], ["Ends in an hour", 3_600], ["Ends in a day", 86_400], ["Ends in a week", 604_800]];

export function shareDialog(host) {
  const label = el("input", { name: "label", maxlength: 100, placeholder: "For whom? (optional)", "aria-label": "For whom", autocomplete: "off" });
  const expires = el("select", { "aria-label": "When it ends" }, EXPIRES.map(([text, value]) => el("option", { value, text })));
  const made = el("div", { class: "lp-made", hidden: true });
  const list = el("ul", { class: "lp-links" });
  const problem = el("p", { class: "lp-problem", role: "alert", hidden: true });
  const make = el("form", { class: "lp-make", onsubmit: (event) => (event.preventDefault(), attempt(create)) },
    label, expires, el("button", { class: "lp-primary", type: "submit", text: "Make a link" }));
  const root = el("dialog", { class: "lp-dialog", "aria-label": "Share the page" },
    el("header", {}, el("h3", { text: "Share the page" }), el("button", { type: "button", class: "lp-tool", text: "Close", onclick: () => root.close() })),
    el("p", { class: "lp-lead", text: "Who has the link sees this page as it is now, live. Not its history, not the conversation." }),
    make, problem, made, list);

  async function attempt(what) {
    problem.hidden = true;
    try {
      await what();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    }
  }

  async function create() {
    const body = { scope: "page", kit: "livepage", label: label.value.trim() };
    if (expires.value) body.expires_in_s = Number(expires.value);
    const share = await request(`${host.base}/shares`, "POST", body);
    const address = new URL(share.url, location.href).href;
    const field = el("input", { readonly: true, value: address, "aria-label": "The link", onfocus: ({ target }) => target.select() });
    const copy = el("button", { type: "button", text: "Copy", onclick: () => copied(copy, field) });
    made.replaceChildren(el("div", {}, field, copy), el("small", { text: "Copy it now: the address is not kept and cannot be shown again." }));
    made.hidden = false;
    label.value = "";
    await refresh();
  }

  async function refresh() {
    const { data } = await request(`${host.base}/shares`);
    const links = data.filter((share) => share.scope === "page");
    list.replaceChildren(...links.map(row));
  }

  const row = (share) => el("li", {},
    el("div", {}, el("b", { text: share.label || "Link" }), el("small", { text: told(share) })),
    el("button", { type: "button", class: "lp-danger", text: "Revoke", onclick: () => attempt(async () => {
      await request(`${host.base}/shares/${encodeURIComponent(share.id)}`, "DELETE");
      made.hidden = true;
      await refresh();
    }) }));

  return {
    root,
    open() {
      made.hidden = true;
      root.showModal();
      attempt(refresh);
    },
  };
}

function told(share) {
  const watching = share.viewers === 0 ? "nobody watching" : `${share.viewers} watching`;
  const end = share.expires_at ? `ends ${new Date(share.expires_at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}` : "never ends";
  return `made ${ago(share.created_at)} · ${end} · ${watching}`;
}

async function copied(button, field) {
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = "Copied";
  } catch {
    field.select(); // no clipboard over plain HTTP: selected is the next best
    button.textContent = "Press Ctrl+C";
  }
}
