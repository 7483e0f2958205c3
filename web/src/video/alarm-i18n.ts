// Texts of the cameras on an alarm's page; apart, so that the alarm loads no more than it shows.
import { texts } from '../ui/lang.svelte.ts';

const de = { cameras: 'Kameras', atAlarm: 'Beim Alarm', live: 'Jetzt' };
const en: typeof de = { cameras: 'Cameras', atAlarm: 'At the alarm', live: 'Now' };

export const t = texts(de, {}, en);
