// Turns a problem into words: a title, what is safe and what to do. By code first, else by status.
import type { Problem } from '../api/problem.ts';
import { common } from './texts.ts';

/** Title and advice for a problem. */
export function explain(problem: Problem): { title: string; text: string } {
  const t = common();
  if (problem.code === 'offline') return { title: t.offlineTitle, text: t.offline };
  switch (problem.status) {
    case 401:
    case 403:
      return { title: t.deniedTitle, text: t.denied };
    case 404:
      return { title: t.missingTitle, text: t.missing };
    case 410:
      return { title: t.goneTitle, text: t.gone };
    case 409:
    case 412:
      return { title: t.conflictTitle, text: t.conflict };
    case 400:
    case 422:
      return { title: t.invalidTitle, text: t.invalid };
    case 413:
      return { title: t.largeTitle, text: t.large };
    case 429:
      return { title: t.oftenTitle, text: t.often(problem.retryAfter) };
    case 502:
    case 503:
    case 504:
      return { title: t.laterTitle, text: t.later };
    default:
      return { title: t.internalTitle, text: t.internal };
  }
}

/** What is wrong with one field. */
export function explainField(code: string): string {
  const t = common();
  if (/required|empty|missing/.test(code)) return t.fieldRequired;
  if (/long/.test(code)) return t.fieldLong;
  if (/short/.test(code)) return t.fieldShort;
  if (/large|too_many/.test(code)) return t.fieldLarge;
  if (/email|address/.test(code)) return t.fieldEmail;
  if (/taken|exists|duplicate/.test(code)) return t.fieldTaken;
  return t.fieldWrong;
}

/** The text for one field of a problem, or nothing. */
export function fieldError(problem: Problem | null, field: string): string | undefined {
  const found = problem?.fields.find((entry) => entry.field === field);
  return found && explainField(found.code);
}
