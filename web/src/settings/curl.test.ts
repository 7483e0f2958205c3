// The line a shell runs.
import { expect, it } from 'vitest';
import { curlLine } from './curl.ts';

it('sends the key in the body', () => {
  expect(curlLine({ key: "k'1", url: 'http://localhost:8080/api/alarm?accesskey=old' })).toBe(
    `curl 'http://localhost:8080/api/alarm' --data-urlencode 'accesskey=k'\\''1' --data-urlencode 'title=Probealarm' --data-urlencode 'text=Bitte antworten'`,
  );
});
