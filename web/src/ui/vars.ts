// Sets CSS custom properties through the CSSOM, the only way a strict CSP leaves for computed sizes.
import type { Attachment } from 'svelte/attachments';

/** `{@attach vars({ n: 4 })}` makes `--n: 4` on the element. */
export function vars(values: Record<string, string | number>): Attachment<HTMLElement> {
  return (element) => {
    for (const [name, value] of Object.entries(values)) {
      element.style.setProperty(`--${name}`, String(value));
    }
  };
}
