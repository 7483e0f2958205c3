// What pages and workers say to each other. Calls are numbered and answered; the players also speak unasked.
import type { Bytes, Refusal } from '../crypto/bytes.ts';
import type { Wrapped } from '../wire.ts';

/** Why a worker could not do what it was asked. `locked`: no viewing key; `missing`: not a holder of that role key. */
export type Failing = Refusal | 'locked' | 'missing' | 'unexpected';

export interface Call {
  id: number;
  name: string;
  args: unknown;
}

export type Reply =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; failing: Failing; what: string };

/** What unlocks: the key made of the passphrase, or the sheet's secret. */
export type Opener = { way: 'pass'; key: CryptoKey } | { way: 'sheet'; secret: Bytes };

export interface ToMember {
  viewing: string;
  point: Bytes;
}

export interface RoleKey {
  generation: string;
  kind: 'recording' | 'live' | 'custodian';
  wrapped: Bytes;
}

/** The keys worker's calls: arguments and answers by name. */
export interface KeysApi {
  start: { args: { session: string; viewing: string | null }; value: { until: number | null } };
  make: {
    args: { id: string; pass: CryptoKey; secret: Bytes };
    value: { point: Bytes; pass: Bytes; sheet: Bytes };
  };
  adopt: { args: { session: string }; value: { until: number } };
  unlock: {
    args: { session: string; id: string; wrapped: Bytes; opener: Opener };
    value: { until: number };
  };
  rewrap: {
    args: { id: string; wrapped: Bytes; opener: Opener; pass: CryptoKey; secret: Bytes | null };
    value: { pass: Bytes; sheet: Bytes | null };
  };
  lock: { args: null; value: null };
  take: { args: { mine: RoleKey[] }; value: { held: string[]; refused: string[] } };
  bucket: { args: { id: string; hub: Bytes; roles: Bytes[] }; value: CryptoKey };
  live: {
    args: { header: Bytes };
    value: { key: CryptoKey; codec: string; width: number; height: number; config: Bytes };
  };
  handOver: { args: { generation: string; to: ToMember[] }; value: Wrapped[] };
  found: {
    args: { org: string; hub: Bytes; to: ToMember[] };
    value: {
      custodian: { generation: string; point: Bytes };
      recording: { generation: string; point: Bytes };
      live: { generation: string; point: Bytes };
      wrapped: Wrapped[];
      list: Bytes;
    };
  };
  rotate: {
    args: {
      kind: 'recording' | 'live';
      old: string;
      custodian: { generation: string; point: Bytes };
      list: Bytes;
      org: string;
      to: ToMember[];
    };
    value: { generation: string; point: Bytes; wrapped: Wrapped[]; list: Bytes };
  };
}

export interface PassphraseApi {
  derive: { args: { passphrase: string; salt: Bytes }; value: CryptoKey };
}

/** One segment, as the playing worker needs it. */
export interface Source {
  id: string;
  bucket: string;
  key: CryptoKey;
  url: string;
  record: Bytes;
  agent: string;
  agentKey: Bytes;
  /** Milliseconds. */
  from: number;
  to: number;
}

export type PlayOrder =
  | { type: 'sources'; sources: Source[] }
  | { type: 'seek'; round: number; at: number; until: number }
  | { type: 'want'; round: number; until: number }
  | { type: 'stop' };

export type PlayProblem = Failing | 'gone' | 'denied' | 'offline' | 'signed-out';

export type PlayNews =
  | { type: 'init'; round: number; segment: string; codec: string; start: number; init: Bytes }
  | {
      type: 'fragment';
      round: number;
      segment: string;
      /** Microseconds. */
      start: number;
      duration: number;
      pictures: number;
      mp4: Bytes;
    }
  /** Nothing more is known from here on (milliseconds). */
  | { type: 'end'; round: number; at: number }
  /** A segment ended without saying so. */
  | { type: 'cut'; round: number; segment: string }
  /** A segment can't be played; `at` and `to` are its bounds (milliseconds). */
  | {
      type: 'problem';
      round: number;
      segment: string;
      problem: PlayProblem;
      at: number;
      to: number;
    };

export type LiveOrder =
  | { type: 'open'; url: string; canvas: OffscreenCanvas }
  | { type: 'key'; session: string; key: CryptoKey }
  | { type: 'again' }
  | { type: 'pause'; on: boolean }
  | { type: 'close' };

export type LiveNews =
  | { type: 'link'; state: 'connecting' | 'open' | 'lost' }
  | { type: 'ended'; code: number }
  | { type: 'word'; word: unknown }
  | { type: 'header'; session: string; header: Bytes }
  | { type: 'picture'; number: number; time: number; width: number; height: number }
  | { type: 'problem'; problem: 'codec' | 'key' | 'decoder'; codec: string };
