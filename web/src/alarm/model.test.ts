// Which answers are large, who stands where.
import { describe, expect, it } from 'vitest';
import type { Meaning, Responder } from '../api/types.ts';
import { alarm } from '../live/sample.ts';
import { arrange, due, mine, split } from './model.ts';

const answer = (id: string, meaning: Meaning) => ({ id, meaning, label: id, minutes: null });
const person = (name: string, meaning: Meaning, minutes: number | null): Responder => ({
  membership_id: name,
  name,
  answer_id: 'a',
  meaning,
  label: '',
  minutes,
  answered_at: '2026-11-22T02:00:00Z',
  qualifications: [],
});

describe('answers', () => {
  it('takes one of each meaning, in thumb order', () => {
    const { large, more } = split([
      answer('no', 'not_coming'),
      answer('yes', 'coming'),
      answer('direct', 'coming'),
      answer('late', 'later'),
    ]);
    expect(large.map((one) => one.id)).toEqual(['yes', 'late', 'no']);
    expect(more.map((one) => one.id)).toEqual(['direct']);
  });
  it('fills up with what the unit has', () => {
    const { large, more } = split([answer('yes', 'coming'), answer('home', 'other')]);
    expect(large.map((one) => one.id)).toEqual(['yes', 'home']);
    expect(more).toEqual([]);
  });
  it('finds mine', () => {
    const my = { addressed: true, answer_id: 'ans_2', answered_at: null };
    expect(mine(alarm('a', { my }))?.label).toBe('Komme später');
    expect(mine(alarm('a'))).toBeNull();
  });
});

describe('people', () => {
  it('puts who is there first on top and folds who stays away', () => {
    const { coming, away } = arrange([
      person('away', 'not_coming', null),
      person('late', 'later', 20),
      person('ten', 'coming', 10),
      person('five', 'coming', 5),
    ]);
    expect(coming.map((one) => one.name)).toEqual(['five', 'ten', 'late']);
    expect(away.map((one) => one.name)).toEqual(['away']);
  });
  it('says when', () => {
    expect(due(person('five', 'coming', 5))).toBe('2026-11-22T02:05:00.000Z');
    expect(due(person('now', 'coming', null))).toBeNull();
  });
});
