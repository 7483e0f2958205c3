// Texts of the video pages, put together of those of each page.
import { texts } from '../ui/lang.svelte.ts';
import * as area from './texts/area.ts';
import * as cameras from './texts/cameras.ts';
import * as keys from './texts/keys.ts';
import * as playback from './texts/playback.ts';
import * as rights from './texts/rights.ts';
import * as wall from './texts/wall.ts';

const de = { ...area.de, ...cameras.de, ...keys.de, ...playback.de, ...rights.de, ...wall.de };
const du = { ...area.du, ...cameras.du, ...keys.du, ...playback.du, ...rights.du, ...wall.du };
const en = { ...area.en, ...cameras.en, ...keys.en, ...playback.en, ...rights.en, ...wall.en };

export const t = texts(de, du, en);
