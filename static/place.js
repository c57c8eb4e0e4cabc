/** Where this page is: whose log it shows and by what right, told by the URL alone. */

export function place(path = window.location.pathname) {
  const [, door, key] = path.split("/");
  if (door === "v") return { base: `/v/${key}`, sessionId: null, readOnly: true };
  return { base: `/sessions/${key}`, sessionId: decodeURIComponent(key ?? ""), readOnly: false };
}
