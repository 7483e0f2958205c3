//! Which agents are connected here, who looks at which camera, and the pictures since the last key frame.
//!
//! All of it may be lost: agents and viewers connect again.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base::{AgentId, CameraId, OrgId};
use bytes::Bytes;
use media::wire::{Bye, LiveKind, Setup};
use tokio::sync::{broadcast, mpsc};

/// What an agent's connection is told.
#[derive(Debug)]
pub(crate) enum Command {
    /// What is wanted has changed.
    Setup(Box<Setup>),
    /// Somebody looks, or nobody any more.
    Watch { camera: CameraId, on: bool },
    /// It ends.
    Bye(Bye),
}

/// What those who look are told.
#[derive(Debug, Clone)]
pub(crate) enum Shown {
    /// A kind byte and a payload, as it goes on.
    Message { bytes: Bytes, key: bool },
    /// How the camera is may have changed.
    State,
}

/// Messages on their way to those who look; who lags behind goes on with the next key frame.
const WAITING: usize = 256;
/// Bytes since the last key frame that are kept for who comes new.
const BACKLOG: usize = 8 << 20;
/// A picture's flag: it begins anew.
const KEY: u8 = 1;

/// Connections of agents and viewers. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Relay {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    links: HashMap<(OrgId, AgentId), Connected>,
    rooms: HashMap<(OrgId, CameraId), Room>,
    next: u64,
}

struct Connected {
    number: u64,
    commands: mpsc::UnboundedSender<Command>,
    cameras: HashSet<CameraId>,
}

struct Room {
    agent: AgentId,
    viewers: usize,
    sender: broadcast::Sender<Shown>,
    backlog: Vec<Bytes>,
    bytes: usize,
    header: Option<Bytes>,
}

impl Room {
    fn add(&mut self, kind: LiveKind, bytes: &Bytes) {
        let key = match kind {
            LiveKind::Session => {
                self.header = Some(bytes.clone());
                self.clear();
                true
            }
            LiveKind::Picture => {
                let key = bytes.get(1).is_some_and(|flags| flags & KEY != 0);
                if key {
                    self.clear();
                }
                // Without the pictures before it, none can be shown.
                if key || !self.backlog.is_empty() {
                    self.bytes += bytes.len();
                    self.backlog.push(bytes.clone());
                }
                if self.bytes > BACKLOG {
                    self.clear();
                }
                key
            }
        };
        let bytes = bytes.clone();
        let _ = self.sender.send(Shown::Message { bytes, key });
    }

    fn clear(&mut self) {
        self.backlog.clear();
        self.bytes = 0;
    }
}

impl Relay {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an agent's connection in. An older one is told to go.
    pub(crate) fn connect(&self, org: OrgId, agent: AgentId) -> Link {
        let (sender, commands) = mpsc::unbounded_channel();
        let mut inner = self.lock();
        inner.next += 1;
        let number = inner.next;
        let new = Connected {
            number,
            commands: sender,
            cameras: HashSet::new(),
        };
        if let Some(old) = inner.links.insert((org, agent), new) {
            let _ = old.commands.send(Command::Bye(Bye::SecondConnection));
        }
        Link {
            relay: self.clone(),
            org,
            agent,
            number,
            commands,
        }
    }

    /// The agents of an organisation that are connected here.
    pub(crate) fn agents(&self, org: OrgId) -> Vec<AgentId> {
        let inner = self.lock();
        let mine = inner.links.keys().filter(|it| it.0 == org);
        mine.map(|it| it.1).collect()
    }

    /// Tells an agent what is wanted.
    pub(crate) fn tell_setup(&self, org: OrgId, agent: AgentId, setup: Setup) {
        self.command(org, agent, Command::Setup(Box::new(setup)));
    }

    /// Ends an agent's connection.
    pub(crate) fn bye(&self, org: OrgId, agent: AgentId, why: Bye) {
        self.command(org, agent, Command::Bye(why));
    }

    fn command(&self, org: OrgId, agent: AgentId, command: Command) {
        if let Some(link) = self.lock().links.get(&(org, agent)) {
            let _ = link.commands.send(command);
        }
    }

    /// Says which cameras are an agent's: it can bring pictures of no others.
    pub(crate) fn assign(&self, org: OrgId, agent: AgentId, cameras: HashSet<CameraId>) {
        if let Some(link) = self.lock().links.get_mut(&(org, agent)) {
            link.cameras = cameras;
        }
    }

    /// The cameras of an agent that somebody looks at.
    pub(crate) fn watched(&self, org: OrgId, agent: AgentId) -> Vec<CameraId> {
        let inner = self.lock();
        let rooms = inner.rooms.iter();
        let mine = rooms.filter(|((of, _), room)| *of == org && room.agent == agent);
        mine.map(|((_, camera), _)| *camera).collect()
    }

    /// Tells those who look at an agent's cameras that something about them may have changed.
    pub(crate) fn state_changed(&self, org: OrgId, agent: AgentId) {
        let inner = self.lock();
        for ((of, _), room) in &inner.rooms {
            if *of == org && room.agent == agent {
                let _ = room.sender.send(Shown::State);
            }
        }
    }

    /// Begins to look at a camera; the agent sends its pictures from now on.
    pub(crate) fn look(&self, org: OrgId, camera: CameraId, agent: AgentId) -> Look {
        let mut inner = self.lock();
        let room = inner.rooms.entry((org, camera)).or_insert_with(|| Room {
            agent,
            viewers: 0,
            sender: broadcast::channel(WAITING).0,
            backlog: Vec::new(),
            bytes: 0,
            header: None,
        });
        room.viewers += 1;
        let first = room.viewers == 1;
        let backlog = room.header.iter().chain(&room.backlog).cloned().collect();
        let look = Look {
            relay: self.clone(),
            org,
            camera,
            backlog,
            pictures: room.sender.subscribe(),
        };
        if first && let Some(link) = inner.links.get(&(org, agent)) {
            let _ = link.commands.send(Command::Watch { camera, on: true });
        }
        look
    }

    fn leave(&self, org: OrgId, camera: CameraId) {
        let mut inner = self.lock();
        let Some(room) = inner.rooms.get_mut(&(org, camera)) else {
            return;
        };
        room.viewers = room.viewers.saturating_sub(1);
        if room.viewers > 0 {
            return;
        }
        let agent = room.agent;
        inner.rooms.remove(&(org, camera));
        if let Some(link) = inner.links.get(&(org, agent)) {
            let _ = link.commands.send(Command::Watch { camera, on: false });
        }
    }
}

/// An agent's connection. Dropped, the agent is gone.
pub(crate) struct Link {
    relay: Relay,
    org: OrgId,
    agent: AgentId,
    number: u64,
    /// What it is told.
    pub(crate) commands: mpsc::UnboundedReceiver<Command>,
}

impl Link {
    /// Whether no newer connection of the agent took its place.
    pub(crate) fn is_current(&self) -> bool {
        let inner = self.relay.lock();
        let link = inner.links.get(&(self.org, self.agent));
        link.is_some_and(|it| it.number == self.number)
    }

    /// Hands a header or picture on to those who look. Of cameras that are not the agent's nothing goes on.
    pub(crate) fn publish(&self, kind: LiveKind, camera: CameraId, payload: &[u8]) {
        let mut inner = self.relay.lock();
        let link = inner.links.get(&(self.org, self.agent));
        let mine = link.is_some_and(|it| it.number == self.number && it.cameras.contains(&camera));
        if !mine {
            return;
        }
        if let Some(room) = inner.rooms.get_mut(&(self.org, camera)) {
            let mut bytes = Vec::with_capacity(1 + payload.len());
            bytes.push(kind.byte());
            bytes.extend_from_slice(payload);
            room.add(kind, &Bytes::from(bytes));
        }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        let mut inner = self.relay.lock();
        let key = (self.org, self.agent);
        if inner
            .links
            .get(&key)
            .is_some_and(|it| it.number == self.number)
        {
            inner.links.remove(&key);
        }
    }
}

/// Somebody who looks at a camera. Dropped, they have gone.
pub(crate) struct Look {
    relay: Relay,
    org: OrgId,
    camera: CameraId,
    /// The session's header and the pictures since the last key frame.
    pub(crate) backlog: Vec<Bytes>,
    /// What comes.
    pub(crate) pictures: broadcast::Receiver<Shown>,
}

impl Drop for Look {
    fn drop(&mut self) {
        self.relay.leave(self.org, self.camera);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORG: OrgId = OrgId::from_bytes([1; 16]);
    const AGENT: AgentId = AgentId::from_bytes([2; 16]);
    const CAMERA: CameraId = CameraId::from_bytes([3; 16]);

    fn agent(relay: &Relay) -> Link {
        let link = relay.connect(ORG, AGENT);
        relay.assign(ORG, AGENT, HashSet::from([CAMERA]));
        link
    }

    fn watching(link: &mut Link) -> Option<bool> {
        match link.commands.try_recv() {
            Ok(Command::Watch { on, .. }) => Some(on),
            _ => None,
        }
    }

    fn received(look: &mut Look) -> Vec<Bytes> {
        let mut all = Vec::new();
        while let Ok(shown) = look.pictures.try_recv() {
            if let Shown::Message { bytes, .. } = shown {
                all.push(bytes);
            }
        }
        all
    }

    #[test]
    fn who_comes_later_begins_with_the_key_frame() {
        let relay = Relay::default();
        let mut link = agent(&relay);
        link.publish(LiveKind::Session, CAMERA, b"nobody looks");
        let mut first = relay.look(ORG, CAMERA, AGENT);
        assert_eq!(watching(&mut link), Some(true));
        assert!(first.backlog.is_empty());
        link.publish(LiveKind::Session, CAMERA, b"head");
        for picture in [b"\0early", b"\x01key_1", b"\0after"] {
            link.publish(LiveKind::Picture, CAMERA, picture);
        }
        let second = relay.look(ORG, CAMERA, AGENT);
        assert_eq!(watching(&mut link), None);
        assert_eq!(second.backlog, ["\0head", "\x01\x01key_1", "\x01\0after"]);
        assert_eq!(received(&mut first).len(), 4);
        link.publish(LiveKind::Picture, CAMERA, b"\x01key_2");
        assert_eq!(
            relay.look(ORG, CAMERA, AGENT).backlog,
            ["\0head", "\x01\x01key_2"]
        );
        drop(first);
        assert_eq!(watching(&mut link), None);
        drop(second);
        assert_eq!(watching(&mut link), Some(false));
        assert_eq!(relay.watched(ORG, AGENT), []);
    }

    #[test]
    fn an_agent_brings_nothing_of_foreign_cameras() {
        let relay = Relay::default();
        let foreign = CameraId::from_bytes([4; 16]);
        let link = agent(&relay);
        let mut look = relay.look(ORG, foreign, AgentId::from_bytes([5; 16]));
        link.publish(LiveKind::Session, foreign, b"x");
        let elsewhere = relay.look(OrgId::from_bytes([9; 16]), CAMERA, AGENT);
        link.publish(LiveKind::Session, CAMERA, b"x");
        assert_eq!(received(&mut look).len(), 0);
        assert!(elsewhere.backlog.is_empty());
    }

    #[test]
    fn the_newer_connection_counts() {
        let relay = Relay::default();
        let mut old = agent(&relay);
        let new = agent(&relay);
        let bye = old.commands.try_recv();
        assert!(matches!(bye, Ok(Command::Bye(Bye::SecondConnection))));
        assert!(!old.is_current() && new.is_current());
        let mut look = relay.look(ORG, CAMERA, AGENT);
        old.publish(LiveKind::Session, CAMERA, b"old");
        assert_eq!(received(&mut look).len(), 0);
        drop(old);
        assert_eq!(relay.agents(ORG), [AGENT]);
        drop(new);
        assert_eq!(relay.agents(ORG), []);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let relay = Relay::default();
        let link = agent(&relay);
        let _look = relay.look(ORG, CAMERA, AGENT);
        let mut picture = vec![0; 1 << 20];
        picture[0] = KEY;
        link.publish(LiveKind::Picture, CAMERA, &picture);
        picture[0] = 0;
        for _ in 0..20 {
            link.publish(LiveKind::Picture, CAMERA, &picture);
        }
        let kept: usize = relay
            .look(ORG, CAMERA, AGENT)
            .backlog
            .iter()
            .map(Bytes::len)
            .sum();
        assert!(kept <= BACKLOG, "{kept}");
    }
}
