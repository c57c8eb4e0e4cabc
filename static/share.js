/** Share links of this session: make one, copy it, see which there are, revoke. Only the operator has the button. */
import { ask, send } from "./api.js";
import { copyButton } from "./copy.js";
import { el, say } from "./element.js";
import { timeElement } from "./time.js";

const EXPIRES = [["Never", ""], ["In an hour", 3_600], ["In a day", 86_400], ["In a week", 604_800]];

export function sharing(button, { base, readOnly }) {
  button.hidden = readOnly;
  if (readOnly) return;
  const list = el("ul", { class: "shares" });
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const expires = el("select", { id: "share-expires" }, EXPIRES.map(([label, value]) => el("option", { value, text: label })));
  const make = el("button", { class: "primary", type: "button", text: "Make a link" });
  const dialog = el(
    "dialog", { class: "dialog", "aria-labelledby": "share-title" },
    el("form", { method: "dialog" },
      el("h2", { id: "share-title", text: "Share this session" }),
      el("p", { class: "lead", text: "Who has the link sees the conversation and the tools, live and as a replay. They cannot write or act." }),
      el("div", { class: "row" }, el("label", { for: "share-expires", text: "Expires" }), expires, make),
      problem, list, el("menu", {}, el("button", { type: "submit", text: "Close" }))),
  );
  document.body.append(dialog);

  const attempt = async (question) => {
    problem.hidden = true;
    try {
      await question();
    } catch (error) {
      say(problem, error.message);
      problem.hidden = false;
    }
  };
  /** A new link's address is told once; the list has the others without theirs. */
  const refresh = (made = null) => attempt(async () => {
    const { data } = await ask(`${base}/shares`);
    list.replaceChildren(...data.map((share) => row(made?.id === share.id ? made : share)));
  });
  const revoke = (share) => attempt(async () => {
    await ask(`${base}/shares/${encodeURIComponent(share.id)}`, { method: "DELETE" });
    await refresh();
  });
  const row = (share) => el("li", {}, el("div", {}, address(share), el("small", {}, ...about(share))), share.url ? copyButton(absolute(share.url)) : null,
    el("button", { class: "quiet small danger", type: "button", text: "Revoke", onclick: () => revoke(share) }));
  make.addEventListener("click", () => attempt(async () => {
    const body = { scope: "session" };
    if (expires.value) body.expires_in_s = Number(expires.value);
    const made = await send(`${base}/shares`, body);
    await refresh(made);
    list.querySelector("input")?.select();
  }));
  button.addEventListener("click", () => (dialog.showModal(), refresh()));
}

const absolute = (url) => new URL(url, location.href).href;

const address = ({ url }) => (url ? el("input", { type: "text", readonly: true, value: absolute(url), "aria-label": "Link" }) : null);

function about({ scope, kit, label, expires_at: end, viewers }) {
  const what = label || (scope === "page" ? `Only the ${kit ?? ""} page` : "Whole session");
  return [what, viewers ? ` · ${viewers} watching` : "", end ? " · ends " : "", end ? timeElement(end) : ""];
}
