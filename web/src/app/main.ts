// The application's entry: sound, router, clock, session, live channel, worker; then the first page.
import { mount } from 'svelte';
import { asProblem } from '../api/problem.ts';
import { beforeLeaving } from '../api/client.ts';
import { openAlarms } from '../live/board.ts';
import { connect, onAlarms } from '../live/live.svelte.ts';
import { armSound, ring, settle } from '../live/ringer.svelte.ts';
import { syncDevice } from '../push/enrol.ts';
import { hearWorker, registerWorker } from '../push/worker.ts';
import { speak } from '../ui/lang.svelte.ts';
import { startClock } from '../ui/now.svelte.ts';
import { go, ours, route, startRouter } from '../ui/router.svelte.ts';
import { alarmParts } from '../ui/parts.ts';
import { forgetKeys, loadSession } from '../ui/session.svelte.ts';
import App from './App.svelte';
import { shell } from './state.svelte.ts';

/** After an update an old page may ask for a file that is gone: load the new page, once. */
addEventListener('vite:preloadError', (event) => {
  if (sessionStorage.getItem('obhut.reloaded')) return;
  sessionStorage.setItem('obhut.reloaded', '1');
  event.preventDefault();
  location.reload();
});

beforeLeaving(forgetKeys);
alarmParts.push({
  rights: ['video.playback', 'video.live'],
  load: () => import('../video/AlarmCameras.svelte'),
});

const root = document.getElementById('app');
if (document.documentElement.lang === 'en') speak('en');
armSound();
startRouter();
startClock();
hearWorker((message) => {
  if (message.type === 'go' && ours(message.path)) go(message.path);
});
if (route.path === '/') go('/alarm', { replace: true });
if (root) mount(App, { target: root });

/** Loads the person, then everything that needs one. */
async function start(): Promise<void> {
  shell.problem = null;
  try {
    await loadSession();
  } catch (thrown) {
    shell.problem = asProblem(thrown);
    return;
  }
  onAlarms({
    fresh(alarms, first) {
      const calling = ring(alarms, first);
      if (calling) go(`/alarm/${calling.id}`);
    },
    change(board) {
      settle(board);
      void navigator.setAppBadge?.(openAlarms(board).length).catch(() => undefined);
    },
  });
  connect();
  await registerWorker((takeOver) => (shell.takeOver = takeOver));
  await syncDevice();
  sessionStorage.removeItem('obhut.reloaded');
}

shell.start = start;
void start();
