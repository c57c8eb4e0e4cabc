/**
 * Frames on a canvas: decoded beside it and drawn whole, so that nothing flickers or jumps. Frames come from the log (by
 * file id) and from the live view; a newer one always wins over one that took longer to arrive.
 */

export class Frames {
  #canvas; #shown = null; #turn = 0; #size = ""; #onSize;

  constructor(canvas, onSize) {
    this.#canvas = canvas;
    this.#onSize = onSize;
  }

  get empty() {
    return this.#shown === null;
  }

  /** Show a frame of the log; `url` is its file. Resolves when it is on the canvas or was overtaken. */
  async file(url) {
    if (this.#shown === url) return;
    const turn = ++this.#turn;
    const response = await fetch(url).catch(() => null);
    if (!response?.ok || turn !== this.#turn) return;
    await this.#put(await response.blob(), turn, url);
  }

  /** Show a live frame, which may be smaller than the page it shows: `page` has the page's size. */
  async blob(blob, page) {
    await this.#put(blob, ++this.#turn, blob, page);
  }

  clear() {
    this.#turn += 1;
    this.#shown = null;
    this.#canvas.getContext("2d").clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  async #put(blob, turn, name, page) {
    const picture = await createImageBitmap(blob).catch(() => null);
    if (!picture || turn !== this.#turn) return picture?.close();
    if (this.#canvas.width !== picture.width || this.#canvas.height !== picture.height) {
      this.#canvas.width = picture.width;
      this.#canvas.height = picture.height;
    }
    this.#fit(page?.width ? page : picture);
    this.#canvas.getContext("2d", { alpha: false }).drawImage(picture, 0, 0);
    picture.close();
    this.#shown = name;
  }

  #fit({ width, height }) {
    if (this.#size === `${width} ${height}`) return;
    this.#size = `${width} ${height}`;
    this.#onSize(width, height);
  }
}
