/** A comment on an element of the page, sent to the agent as a message that names the element and quotes it. */
import { el, request } from "./element.js";

export function commentBox(host, { closed }) {
  const name = el("code", {});
  const quote = el("q", {});
  const text = el("textarea", { rows: 2, placeholder: "What should change here?", "aria-label": "Comment", maxlength: 4_000 });
  const problem = el("p", { class: "lp-problem", role: "alert", hidden: true });
  const send = el("button", { class: "lp-primary", type: "submit", text: "Send to the agent" });
  const root = el("form", { class: "lp-comment", hidden: true, onsubmit: (event) => (event.preventDefault(), submit()) },
    el("div", { class: "lp-about" }, name, quote), text, problem,
    el("menu", {}, el("button", { type: "button", text: "Cancel", onclick: close }), send));
  let about = null;

  text.addEventListener("keydown", (event) => {
    if (event.key === "Escape") close();
    if (event.key === "Enter" && (event.metaKey || event.ctrlKey)) root.requestSubmit();
  });

  function close() {
    root.hidden = true;
    about = null;
    closed();
  }

  async function submit() {
    if (!text.value.trim()) return text.focus();
    send.disabled = true;
    problem.hidden = true;
    try {
      await request(`${host.base}/messages`, "POST", { text: message(about, text.value.trim()) });
      text.value = "";
      close();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
    } finally {
      send.disabled = false;
    }
  }

  return {
    root,
    close,
    open(picked, revision) {
      about = { ...picked, revision };
      name.textContent = picked.selector;
      quote.textContent = picked.text.length > 90 ? `${picked.text.slice(0, 90)}…` : picked.text;
      quote.hidden = !picked.text;
      problem.hidden = true;
      root.hidden = false;
      text.focus();
    },
  };
}

/** What the agent reads. The quote is the page's text, marked as such: it says where, not what to do. */
export function message({ selector, tag, text, revision }, comment) {
  const quoted = text ? `\nIts text: ${JSON.stringify(text)}` : "";
  return `About the <${tag}> at ${selector} on the live page (revision ${revision}):\n${comment}${quoted}`;
}
