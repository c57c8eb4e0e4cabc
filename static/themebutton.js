/** Light, dark, or as the system says: one button goes round. */

const KEY = "glasshouse.theme";
const NEXT = { system: "light", light: "dark", dark: "system" };

export function themeButton(button) {
  const root = document.documentElement;
  const name = () => root.dataset.theme ?? "system";
  const label = () => {
    button.title = `Theme: ${name()}`;
    button.setAttribute("aria-label", `Theme: ${name()}. Change to ${NEXT[name()]}`);
  };
  button.addEventListener("click", () => {
    const next = NEXT[name()];
    if (next === "system") {
      delete root.dataset.theme;
      localStorage.removeItem(KEY);
    } else {
      root.dataset.theme = next;
      localStorage.setItem(KEY, next);
    }
    label();
  });
  label();
}
