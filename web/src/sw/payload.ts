// Reads a push: the declarative format plus our own part. Whatever arrives, there is something to show.

export interface Push {
  title: string;
  body: string;
  lang: 'de' | 'en' | null;
  alarm: string | null;
  kind: 'alarm' | 'test';
}

/** The push's content, or nothing when it is not one of ours. */
export function readPush(text: string): Push | null {
  try {
    const data = JSON.parse(text) as {
      notification?: { title?: unknown; body?: unknown; lang?: unknown };
      obhut?: { alarm?: unknown; unit?: unknown; keyword?: unknown; kind?: unknown };
    };
    const title = data.notification?.title ?? data.obhut?.keyword;
    if (typeof title !== 'string' || title === '') return null;
    const body = data.notification?.body ?? data.obhut?.unit;
    const lang = data.notification?.lang;
    const alarm = data.obhut?.alarm;
    return {
      title,
      body: typeof body === 'string' ? body : '',
      lang: lang === 'en' || lang === 'de' ? lang : null,
      alarm: typeof alarm === 'string' && alarm.startsWith('alm_') ? alarm : null,
      kind: data.obhut?.kind === 'test' ? 'test' : 'alarm',
    };
  } catch {
    return null;
  }
}

/** One tag for push and page, so that an alarm never stands there twice. */
export function tagOf(push: Pick<Push, 'alarm'>): string {
  return push.alarm ? `obhut-${push.alarm}` : 'obhut-test';
}
