/** The bar below the page: how fresh it is, who else watches, the download; and the question before leaving. */
const WORDS = {
  connecting: "Connecting", live: "Live", reconnecting: "Reconnecting…", revoked: "Link ended", 
};

export class Bar {
  #root; #dialog; #notice; #asked = null;

  constructor(root, base) {
    this.#root = root.querySelector(".bar");
    this.#dialog = root.querySelector(".leave");
    this.#notice = root.querySelector(".notice");
    this.#root.querySelector(".with").href = `${base}/export?scripts=1`;
    this.#root.querySelector(".without").href = `${base}/export?scripts=0`;
    this.#dialog.addEventListener("close", () => {
      if (this.#dialog.returnValue === "yes") window.open(this.#asked, "_blank", "noopener,noreferrer");
    });
    const save = this.#root.querySelector(".save");
    document.addEventListener("click", ({ target }) => save.contains(target) || save.removeAttribute("open"));
    save.addEventListener("click", ({ target }) => target.closest("a") && save.removeAttribute("open"));
  }

  state(state) {
    const line = this.#root.querySelector(".state");
    line.dataset.state = state;
    line.querySelector("span").textContent = WORDS[state];
    this.#notice.hidden = state !== "revoked";
    if (state === "revoked") this.#notice.querySelector("p").textContent = "This link has ended. What you see is the page as it last was.";
  }

  revision(revision) {
    this.#root.querySelector(".revision").textContent = `Revision ${revision}`;
  }

  viewers(count) {
    this.#root.querySelector(".viewers").textContent = count === 1 ? "1 watching" : `${count} watching`;
  }

  /** Ask before going to an address that the page named. Only web and mail addresses are offered. */
  leave(href) {
    const url = URL.canParse(href) ? new URL(href) : null;
    if (!url || !["http:", "https:", "mailto:"].includes(url.protocol) || this.#dialog.open) return;
    this.#asked = url.href;
    this.#dialog.querySelector(".address").textContent = url.href;
    this.#dialog.showModal();
  }
}
