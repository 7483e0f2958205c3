// The invitation being typed; it survives a ringing alarm that takes the page away.

export const invitation = $state({
  given_name: '',
  family_name: '',
  email: '',
  unit_id: '',
  role_id: '',
  group_ids: [] as string[],
});

/** Empties what belongs to one person; unit and role stay for the next. */
export function nextInvitation(): void {
  Object.assign(invitation, { given_name: '', family_name: '', email: '', group_ids: [] });
}
