// The monitor's entry.
import { mount } from 'svelte';
import { speak } from '../ui/lang.svelte.ts';
import { startClock } from '../ui/now.svelte.ts';
import Monitor from './Monitor.svelte';
import { startMonitor } from './state.svelte.ts';

speak(document.documentElement.lang === 'en' ? 'en' : 'de', false);
startClock();
const root = document.getElementById('app');
if (root) mount(Monitor, { target: root });
void startMonitor();
