// What can go wrong with a request, as one type: an answer of the server (RFC 9457) or no answer at all.

export interface FieldProblem {
  field: string;
  code: string;
  detail: string;
}

/** An error a page can explain. Codes of our own: `offline` (no answer), `garbled` (not our server). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: FieldProblem[];
  readonly retryAfter: number | null;
  readonly instance: string | null;

  constructor(init: {
    status: number;
    code: string;
    detail?: string;
    fields?: FieldProblem[];
    retryAfter?: number | null;
    instance?: string | null;
  }) {
    super(init.detail ?? init.code);
    this.name = 'Problem';
    this.status = init.status;
    this.code = init.code;
    this.fields = init.fields ?? [];
    this.retryAfter = init.retryAfter ?? null;
    this.instance = init.instance ?? null;
  }
}

/** Makes a problem of whatever was thrown. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  return new Problem({ status: 0, code: 'unexpected', detail: String(thrown) });
}

/** Reads a failed response; a body that is no problem+json still says its status. */
export async function readProblem(response: Response): Promise<Problem> {
  const retry = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  const retryAfter = Number.isFinite(retry) ? retry : null;
  try {
    const body = (await response.json()) as Partial<{
      code: string;
      detail: string;
      fields: FieldProblem[];
      instance: string;
    }>;
    return new Problem({
      status: response.status,
      code: body.code ?? 'garbled',
      detail: body.detail ?? '',
      fields: Array.isArray(body.fields) ? body.fields : [],
      instance: body.instance ?? null,
      retryAfter,
    });
  } catch {
    return new Problem({ status: response.status, code: 'garbled', retryAfter });
  }
}
