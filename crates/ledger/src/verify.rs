//! Verifying a log: every leaf, every tile, the checkpoint, and what an earlier checkpoint said.
//!
//! Takes nothing on trust but the log's public key and, if there is one, a checkpoint somebody kept. Streams:
//! memory is O(log n), work one hash per leaf and node. Never repairs.

use seal::SealError;
use seal::note::{Checkpoint, Verifier};

use crate::leaf::{Leaf, LeafError, LogId};
use crate::tile::{Appender, Row, TileId, Tiles, all};
use crate::tree::{Hash, leaf_hash};

/// What is wrong with a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The checkpoint is not signed by the log's key, or not well formed.
    #[error("the checkpoint is not good")]
    Checkpoint(#[source] SealError),
    /// The earlier checkpoint is that of another log.
    #[error("the earlier checkpoint is that of the log {0}")]
    OtherLog(String),
    /// A leaf that can't be read.
    #[error("leaf {index} is not good")]
    Leaf {
        /// Its number.
        index: u64,
        /// Why.
        #[source]
        source: LeafError,
    },
    /// A leaf of another log.
    #[error("leaf {0} belongs to another log")]
    ForeignLeaf(u64),
    /// More or fewer leaves than the checkpoint counts.
    #[error("there are {found} leaves, and the checkpoint counts {wanted}")]
    Count {
        /// Leaves seen.
        found: u64,
        /// Leaves the checkpoint counts.
        wanted: u64,
    },
    /// A tile that is missing, or is not what the leaves make it.
    #[error("the tile {0} does not fit the leaves")]
    Tile(TileId),
    /// There are tiles that nobody needs.
    #[error("there are more tiles than the leaves make")]
    Tiles,
    /// A tile nobody needs.
    #[error("level {level} has a tile {index} too many")]
    ExtraTile {
        /// Its level.
        level: u8,
        /// Its number.
        index: u64,
    },
    /// The leaves do not make the root the checkpoint signs.
    #[error("the leaves do not make the root of the checkpoint")]
    Root,
    /// The log has entries and no head, or no key that could have signed one.
    #[error("the signed head of the log is missing")]
    NoHead,
    /// The head says another size beside its signed text than in it.
    #[error("the head does not say what is signed in it")]
    Head,
    /// The earlier checkpoint is not signed by the log's key, or not well formed.
    #[error("the earlier checkpoint is not good, or the log's key was exchanged")]
    Earlier(#[source] SealError),
    /// Numbers are not one behind the other.
    #[error("leaf {0} is missing or has another number")]
    Gap(u64),
    /// What lies beside a leaf is not what the leaf says.
    #[error("what lies beside leaf {0} does not fit it")]
    Beside(u64),
    /// The details are not those the leaf commits to.
    #[error("the details of leaf {0} were changed")]
    Details(u64),
    /// A leaf without a number can't be read, or what lies beside it does not fit.
    #[error("a leaf without a number is not good")]
    Unnumbered,
    /// A stored field is not what it must be.
    #[error("a stored row can't be read")]
    Row,
    /// The log was rewritten or cut since the earlier checkpoint.
    #[error("the first {0} leaves are not those of the earlier checkpoint")]
    Rewritten(u64),
}

/// Reads a log from its first leaf to its last and compares.
#[derive(Debug)]
pub struct Audit {
    checkpoint: Checkpoint,
    log: Option<LogId>,
    earlier: Option<Checkpoint>,
    appender: Appender,
}

impl Audit {
    /// Opens the checkpoint. `log` is whose leaves there must be, if that is known.
    pub fn new(
        checkpoint: &[u8],
        key: &Verifier,
        log: Option<LogId>,
        earlier: Option<&Checkpoint>,
    ) -> Result<Self, Broken> {
        let checkpoint = Checkpoint::open(checkpoint, key).map_err(Broken::Checkpoint)?;
        if let Some(earlier) = earlier {
            if earlier.origin != checkpoint.origin {
                return Err(Broken::OtherLog(earlier.origin.clone()));
            }
            if earlier.size > checkpoint.size {
                return Err(Broken::Rewritten(earlier.size));
            }
        }
        let audit = Self {
            checkpoint,
            log,
            earlier: earlier.cloned(),
            appender: Appender::new(),
        };
        audit.compare_earlier()?;
        Ok(audit)
    }

    /// What the checkpoint says.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// How many leaves were taken.
    pub const fn size(&self) -> u64 {
        self.appender.size()
    }

    /// Takes the body of the next leaf.
    pub fn leaf(&mut self, body: &[u8]) -> Result<Leaf, Broken> {
        let index = self.appender.size();
        let wanted = self.checkpoint.size;
        if index >= wanted {
            let found = index + 1;
            return Err(Broken::Count { found, wanted });
        }
        let leaf = Leaf::decode(body).map_err(|source| Broken::Leaf { index, source })?;
        if self.log.is_some_and(|log| log != leaf.log) {
            return Err(Broken::ForeignLeaf(index));
        }
        self.appender.push(leaf_hash(body));
        self.compare_earlier()?;
        Ok(leaf)
    }

    /// The tiles that the leaves so far have filled, each once: what must be stored, byte for byte.
    pub fn take_full(&mut self) -> Vec<(TileId, Vec<u8>)> {
        self.appender.take_full()
    }

    /// Ends the reading, and gives the tiles not taken yet: the last full ones and those of the right edge.
    pub fn finish(mut self) -> Result<Vec<(TileId, Vec<u8>)>, Broken> {
        let (found, wanted) = (self.appender.size(), self.checkpoint.size);
        if found != wanted {
            return Err(Broken::Count { found, wanted });
        }
        if self.appender.root() != self.checkpoint.root {
            return Err(Broken::Root);
        }
        Ok(self.appender.take_changed())
    }

    fn compare_earlier(&self) -> Result<(), Broken> {
        match &self.earlier {
            Some(earlier)
                if earlier.size == self.appender.size() && earlier.root != self.appender.root() =>
            {
                Err(Broken::Rewritten(earlier.size))
            }
            _ => Ok(()),
        }
    }
}

/// Verifies a whole log in memory and gives its root. Any changed, missing or added byte of a leaf, a tile or
/// the checkpoint is found; so is a log rewritten by whoever holds its key, when an earlier checkpoint is given.
pub fn whole<'a>(
    entries: impl IntoIterator<Item = &'a [u8]>,
    tiles: &Tiles,
    checkpoint: &[u8],
    key: &Verifier,
    earlier: Option<&Checkpoint>,
) -> Result<Hash, Broken> {
    let mut audit = Audit::new(checkpoint, key, None, earlier)?;
    let (size, root) = (audit.checkpoint.size, audit.checkpoint.root);
    let mut seen = 0;
    let mut compare = |wanted: Vec<(TileId, Vec<u8>)>| {
        for (id, bytes) in wanted {
            let Row::Level(level) = id.row else { continue };
            if tiles.get(level, id.index) != Some(&bytes) {
                return Err(Broken::Tile(id));
            }
            seen += 1;
        }
        Ok(())
    };
    for entry in entries {
        audit.leaf(entry)?;
        compare(audit.take_full())?;
    }
    compare(audit.finish()?)?;
    if tiles.len() == seen {
        return Ok(root);
    }
    let needed = |row, index| all(size).any(|id| id.row == row && id.index == index);
    match tiles
        .iter()
        .find(|(level, index, _)| !needed(Row::Level(*level), *index))
    {
        Some((level, index, _)) => Err(Broken::ExtraTile { level, index }),
        None => Ok(root),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leaf::{Action, Commitment, Outcome, Pseudonym};
    use base::{LeafId, OrgId, SeededRng, SubjectKeyId, Timestamp};
    use proptest::prelude::*;
    use seal::SigningKey;
    use seal::note::Signer;

    const ORIGIN: &str = "feuerwehr.example/org_1";

    fn signer() -> Signer {
        let key = SigningKey::generate(&SeededRng::new(7)).unwrap();
        Signer::new(ORIGIN, key).unwrap()
    }

    fn body(number: u64) -> Vec<u8> {
        let mut id = [0; 16];
        id[8..].copy_from_slice(&number.to_be_bytes());
        Leaf {
            id: LeafId::from_bytes(id),
            at: Timestamp::UNIX_EPOCH,
            log: LogId::Org(OrgId::from_bytes([1; 16])),
            actor: Pseudonym([2; 16]),
            subject: None,
            action: Action::parse("alarm.trigger").unwrap(),
            object: None,
            outcome: Outcome::Done,
            details: Some(Commitment {
                key: SubjectKeyId::from_bytes([3; 16]),
                hash: [4; 32],
            }),
        }
        .encode()
    }

    /// A log as it is stored.
    #[derive(Clone)]
    struct Stored {
        bodies: Vec<Vec<u8>>,
        tiles: Tiles,
        checkpoint: Checkpoint,
        note: Vec<u8>,
    }

    impl Stored {
        fn of(bodies: Vec<Vec<u8>>) -> Self {
            let mut appender = Appender::new();
            for body in &bodies {
                appender.push(leaf_hash(body));
            }
            let (origin, size, root) = (ORIGIN.to_owned(), appender.size(), appender.root());
            let checkpoint = Checkpoint { origin, size, root };
            let note = checkpoint.sign(&signer()).unwrap().into_bytes();
            let mut tiles = Tiles::new();
            for (id, bytes) in appender.take_changed() {
                let Row::Level(level) = id.row else { continue };
                tiles.insert(level, id.index, bytes);
            }
            Self {
                bodies,
                tiles,
                checkpoint,
                note,
            }
        }

        fn with(leaves: u64) -> Self {
            Self::of((0..leaves).map(body).collect())
        }

        fn verify(&self, earlier: Option<&Checkpoint>) -> Result<Hash, Broken> {
            let entries = self.bodies.iter().map(Vec::as_slice);
            whole(
                entries,
                &self.tiles,
                &self.note,
                signer().verifier(),
                earlier,
            )
        }
    }

    #[test]
    fn logs_of_every_shape_are_good() {
        for leaves in [0, 1, 2, 255, 256, 257, 511, 512, 700, 65_537] {
            let log = Stored::with(leaves);
            assert_eq!(log.verify(None), Ok(log.checkpoint.root), "{leaves}");
            assert!(log.verify(Some(&log.checkpoint)).is_ok(), "{leaves}");
            let half = Stored::with(leaves / 2).checkpoint;
            assert!(log.verify(Some(&half)).is_ok(), "{leaves}");
        }
    }

    #[test]
    fn missing_and_added_pieces_are_found() {
        let good = Stored::with(300);
        let mut log = good.clone();
        log.bodies.pop();
        assert_eq!(
            log.verify(None),
            Err(Broken::Count {
                found: 299,
                wanted: 300
            })
        );
        let mut log = good.clone();
        log.bodies.push(body(300));
        assert_eq!(
            log.verify(None),
            Err(Broken::Count {
                found: 301,
                wanted: 300
            })
        );
        let mut log = good.clone();
        log.bodies.swap(0, 1);
        assert!(log.verify(None).is_err());
        let mut log = good.clone();
        log.tiles.insert(2, 0, vec![0; 32]);
        assert_eq!(
            log.verify(None),
            Err(Broken::ExtraTile { level: 2, index: 0 })
        );
        for (level, index) in [(0, 0), (0, 1), (1, 0)] {
            let mut log = good.clone();
            log.tiles.remove(level, index);
            assert!(
                matches!(log.verify(None), Err(Broken::Tile(_))),
                "{level} {index}"
            );
        }
    }

    #[test]
    fn a_rewritten_log_shows_to_whoever_kept_a_checkpoint() {
        let earlier = Stored::with(100).checkpoint;
        let mut bodies: Vec<_> = (0..300).map(body).collect();
        bodies[42] = body(4242);
        let rewritten = Stored::of(bodies);
        assert!(
            rewritten.verify(None).is_ok(),
            "the signer can make a log that fits itself"
        );
        assert_eq!(
            rewritten.verify(Some(&earlier)),
            Err(Broken::Rewritten(100))
        );
        let cut = Stored::with(99);
        assert!(cut.verify(None).is_ok());
        assert_eq!(cut.verify(Some(&earlier)), Err(Broken::Rewritten(100)));
        let same_size = Stored::of((1..=100).map(body).collect());
        assert_eq!(
            same_size.verify(Some(&earlier)),
            Err(Broken::Rewritten(100))
        );
    }

    #[test]
    fn another_log_is_not_ours() {
        let log = Stored::with(3);
        let mut theirs = log.checkpoint.clone();
        theirs.origin = "feuerwehr.example/org_2".to_owned();
        assert_eq!(
            log.verify(Some(&theirs)),
            Err(Broken::OtherLog(theirs.origin.clone()))
        );
        let key = signer();
        let ours = LogId::Org(OrgId::from_bytes([9; 16]));
        let mut audit = Audit::new(&log.note, key.verifier(), Some(ours), None).unwrap();
        assert_eq!(audit.leaf(&body(0)), Err(Broken::ForeignLeaf(0)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn any_changed_byte_is_found(leaves in 1_u64..600, place: usize, by in 1_u8..=255) {
            let good = Stored::with(leaves);
            let change = |bytes: &mut Vec<u8>| {
                let at = place % bytes.len();
                bytes[at] = bytes[at].wrapping_add(by);
            };
            let mut log = good.clone();
            let at = place % log.bodies.len();
            change(&mut log.bodies[at]);
            prop_assert!(log.verify(None).is_err());
            let mut log = good.clone();
            let tiles: Vec<_> = log.tiles.iter().map(|(l, i, b)| (l, i, b.to_vec())).collect();
            let (level, index, mut bytes) = tiles[place % tiles.len()].clone();
            change(&mut bytes);
            log.tiles.insert(level, index, bytes);
            prop_assert!(matches!(log.verify(None), Err(Broken::Tile(_))));
            let mut log = good;
            change(&mut log.note);
            prop_assert!(matches!(log.verify(None), Err(Broken::Checkpoint(_))));
        }

        #[test]
        fn any_rewriting_is_found_with_an_earlier_checkpoint(
            before in 1_u64..300, more in 0_u64..300, place: u64,
        ) {
            let earlier = Stored::with(before).checkpoint;
            let mut bodies: Vec<_> = (0..before + more).map(body).collect();
            let at = usize::try_from(place % before).unwrap();
            bodies[at] = body(1_000_000);
            let log = Stored::of(bodies);
            prop_assert!(log.verify(None).is_ok());
            prop_assert_eq!(log.verify(Some(&earlier)), Err(Broken::Rewritten(before)));
        }
    }
}
