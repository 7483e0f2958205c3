// Video's endpoints, each as one function, named like what it does.
import { address, call } from '../api/client.ts';
import type { Page } from '../api/types.ts';
import type * as W from './wire.ts';

const seg = encodeURIComponent;

export const videoApi = {
  viewingKey: () => call<W.ViewingKey>('GET', '/video/viewing-key'),
  setViewingKey: (key: W.NewViewingKey) => call<void>('PUT', '/video/viewing-key', { body: key }),

  circle: () => call<W.Circle>('GET', '/video/circle'),
  setUpCircle: (circle: W.SetUpCircle) => call<W.Circle>('POST', '/video/circle', { body: circle }),
  rotate: (rotation: W.Rotation) =>
    call<W.Circle>('POST', '/video/circle/generations', { body: rotation }),
  handOver: (wrapped: W.Wrapped[]) =>
    call<W.Circle>('POST', '/video/circle/hand-over', { body: { wrapped } }),

  cameras: () => call<W.Cameras>('GET', '/video/cameras'),
  changeCamera: (id: string, change: W.CameraChange) =>
    call<void>('PATCH', `/video/cameras/${seg(id)}`, { body: change }),
  dropCamera: (id: string) => call<void>('DELETE', `/video/cameras/${seg(id)}`),

  groups: async () => (await call<Page<W.Group>>('GET', '/video/groups')).items,
  addGroup: (name: string) => call<W.Group>('POST', '/video/groups', { body: { name } }),
  renameGroup: (id: string, name: string) =>
    call<void>('PATCH', `/video/groups/${seg(id)}`, { body: { name } }),
  groupRights: async (id: string) =>
    (await call<Page<W.GroupMember>>('GET', `/video/groups/${seg(id)}/rights`)).items,
  setGroupRights: (id: string, person: string, rights: W.GroupRights) =>
    call<void>('PUT', `/video/groups/${seg(id)}/rights/${seg(person)}`, { body: rights }),
  dropGroup: (id: string) => call<void>('DELETE', `/video/groups/${seg(id)}`),

  agents: async () => (await call<Page<W.Agent>>('GET', '/video/agents')).items,
  addAgent: (name: string) => call<W.NewAgent>('POST', '/video/agents', { body: { name } }),
  renewToken: (id: string) =>
    call<W.NewAgent>('POST', `/video/agents/${seg(id)}/token`, { body: {} }),
  revokeAgent: (id: string) => call<void>('DELETE', `/video/agents/${seg(id)}`),

  timeline: (camera: string, from: string, to: string) =>
    call<W.Timeline>('GET', `/video/cameras/${seg(camera)}/timeline`, { query: { from, to } }),
  open: async (camera: string, from: string, to: string) =>
    (
      await call<{ buckets: W.OpenBucket[] }>('POST', `/video/cameras/${seg(camera)}/open`, {
        body: { from, to },
      })
    ).buckets,
  segment: (id: string) => address(`/video/segments/${seg(id)}/bytes`),
  bookmarks: async (alarm: string) =>
    (await call<{ bookmarks: W.Bookmark[] }>('GET', '/video/bookmarks', { query: { alarm } }))
      .bookmarks,
  storage: () => call<W.Storage>('GET', '/video/storage'),
  /** The live channel of one camera. */
  live: (camera: string) => {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    return `${scheme}://${location.host}${address(`/video/cameras/${seg(camera)}/live`)}`;
  },
};
