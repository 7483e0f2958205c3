// Short news that need no answer ("Gespeichert"), announced to screen readers too.

export const toast = $state({ text: '' });

let timer: ReturnType<typeof setTimeout> | undefined;

/** Shows a sentence for a few seconds. */
export function say(text: string): void {
  toast.text = text;
  clearTimeout(timer);
  timer = setTimeout(() => (toast.text = ''), 5000);
}
