// The ready command line for an alarm key.
import type { NewKey } from '../api/types.ts';

/** A curl line that sends a test alarm; the key stays out of the address, where logs would keep it. */
export function curlLine(made: Pick<NewKey, 'key' | 'url'>): string {
  const url = made.url.split('?')[0] ?? made.url;
  const fields = [`accesskey=${made.key}`, 'title=Probealarm', 'text=Bitte antworten'];
  return ['curl', quote(url), ...fields.map((field) => `--data-urlencode ${quote(field)}`)].join(
    ' ',
  );
}

/** Quoted for a POSIX shell. */
function quote(text: string): string {
  return `'${text.replace(/'/g, `'\\''`)}'`;
}
