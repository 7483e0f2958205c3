// The filter of a table.
import { expect, it } from 'vitest';
import { matches, type Column } from './table.ts';

const columns: Column<{ name: string; unit: string }>[] = [
  { id: 'name', label: 'Name', text: (row) => row.name },
  { id: 'unit', label: 'Einheit', text: (row) => row.unit },
];
const row = { name: 'Jörg Müller', unit: 'Löschzug Nord' };

it.each([
  ['', true],
  ['mull', true],
  ['JORG nord', true],
  ['nord süd', false],
])('filter %j', (filter, expected) => expect(matches(row, columns, filter)).toBe(expected));
