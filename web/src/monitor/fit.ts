// Makes a text as large as its box allows, through the CSSOM (a strict CSP forbids style attributes).
import type { Attachment } from 'svelte/attachments';

const LEAST = 16;

/** `{@attach fit(() => text, most)}` on a box that clips: its first child's text grows until it fills the box. */
export function fit(text: () => string, most = 400): Attachment<HTMLElement> {
  return (box) => {
    void text();
    const measure = () => {
      let [low, high] = [LEAST, most];
      while (high - low > 1) {
        const middle = (low + high) / 2;
        box.style.setProperty('--fit', `${middle}px`);
        const fits =
          box.scrollHeight <= box.clientHeight + 1 && box.scrollWidth <= box.clientWidth + 1;
        if (fits) low = middle;
        else high = middle;
      }
      box.style.setProperty('--fit', `${Math.floor(low)}px`);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    void document.fonts?.ready.then(measure);
    return () => observer.disconnect();
  };
}
