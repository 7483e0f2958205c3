// What a browser's own words tell: which push service it uses, what to call the device, what iOS wants first.
import type { PushFamily } from '../api/types.ts';

export interface Surroundings {
  agent: string;
  /** Opened from the Home Screen. */
  standalone: boolean;
  /** An iPad that says it is a Mac. */
  touchMac: boolean;
}

/** Whether this is iOS or iPadOS, whatever browser it wears. */
export function isIos({ agent, touchMac }: Surroundings): boolean {
  return /iPhone|iPad|iPod/.test(agent) || touchMac;
}

/** iOS gives push to web apps on the Home Screen alone. */
export function needsHomeScreen(around: Surroundings): boolean {
  return isIos(around) && !around.standalone;
}

/** The family of push services this browser subscribes to. */
export function guessFamily(around: Surroundings): PushFamily['id'] {
  if (isIos(around)) return 'apple';
  if (/Firefox\//.test(around.agent)) return 'mozilla';
  if (/Edg\//.test(around.agent) && /Windows/.test(around.agent)) return 'microsoft';
  if (/Chrome\/|Chromium\//.test(around.agent)) return 'google';
  return /Safari\//.test(around.agent) ? 'apple' : 'google';
}

/** A first name for the device, such as "Chrome, Android". */
export function guessName(around: Surroundings): string {
  const { agent } = around;
  const browser = /Edg/.test(agent)
    ? 'Edge'
    : /Firefox|FxiOS/.test(agent)
      ? 'Firefox'
      : /Chrome|CriOS|Chromium/.test(agent)
        ? 'Chrome'
        : 'Safari';
  const system = /iPhone/.test(agent)
    ? 'iPhone'
    : isIos(around)
      ? 'iPad'
      : /Android/.test(agent)
        ? 'Android'
        : /Windows/.test(agent)
          ? 'Windows'
          : /Mac OS/.test(agent)
            ? 'Mac'
            : 'Linux';
  return `${browser}, ${system}`;
}
