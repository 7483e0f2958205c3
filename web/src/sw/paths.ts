// The paths the application's shell draws; the same as in ui/router.svelte.ts (a test compares them).

export const APPLICATION = /^\/(alarm(\/[^/]+)?|video(\/[^/]+){0,2}|people|privacy|settings)?$/;
