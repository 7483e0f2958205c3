// Parts that one area lends to another's page; the frame connects them, so that no area knows another.
import type { Component } from 'svelte';
import type { Permission } from '../api/types.ts';

interface Part {
  /** Any of these rights lets one see it. */
  rights: Permission[];
  load: () => Promise<{ default: Component<{ alarm: string }> }>;
}

/** What an alarm's page shows of other areas. */
export const alarmParts: Part[] = [];
