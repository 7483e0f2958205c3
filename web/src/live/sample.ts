// A sample alarm for tests.
import type { AlarmView } from '../api/types.ts';

/** An open alarm addressed to me, with what the test changes. */
export function alarm(id: string, change: Partial<AlarmView> = {}): AlarmView {
  return {
    id,
    version: 1,
    number: 7,
    foreign_number: null,
    unit: { id: 'unt_1', name: 'Löschzug Nord' },
    title: 'B 2 Zimmerbrand',
    text: 'Rauch aus dem Dachgeschoss',
    address: 'Mühlgasse 4, Auental',
    lat: null,
    lng: null,
    priority: true,
    state: 'open',
    created_at: '2026-11-22T02:00:00Z',
    closes_at: '2026-11-23T02:00:00Z',
    closed_at: null,
    delete_at: '2026-12-23T23:00:00Z',
    source: { kind: 'machine', name: 'Leitstelle' },
    groups: [],
    vehicles: [],
    answers: [
      { id: 'ans_1', meaning: 'coming', label: 'Komme', minutes: 5 },
      { id: 'ans_2', meaning: 'later', label: 'Komme später', minutes: 15 },
      { id: 'ans_3', meaning: 'not_coming', label: 'Komme nicht', minutes: null },
      { id: 'ans_4', meaning: 'coming', label: 'Direkt zur Einsatzstelle', minutes: null },
    ],
    my: { addressed: true, answer_id: null, answered_at: null },
    people: [],
    counts: { addressed: 20, reached: 15, coming: 0, later: 0, not_coming: 0, unanswered: 20 },
    strength: [],
    ...change,
  };
}
