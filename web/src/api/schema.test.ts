// The generated types are those of the reviewed API description: `npm run schema` after each change of it.
import { readFileSync } from 'node:fs';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { expect, it } from 'vitest';

it('schema.ts is generated from openapi/obhut.json', { timeout: 30_000 }, async () => {
  const ast = await openapiTS(new URL('../../../openapi/obhut.json', import.meta.url));
  const fresh = COMMENT_HEADER + astToString(ast);
  const kept = readFileSync(new URL('./schema.ts', import.meta.url), 'utf8');
  expect(kept === fresh, 'the API changed: npm run schema, and review the difference').toBe(true);
});
