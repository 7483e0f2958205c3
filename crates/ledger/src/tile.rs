//! Tiles (C2SP tlog-tiles v0.1.0): the tree cut into pieces 256 hashes wide and 8 levels high.
//!
//! Tile `N` of level `L` holds the hashes of the subtrees over 256^`L` leaves numbered `256 N …`. A full tile
//! never changes; per level one tile at the right edge grows. Leaves lie beside them in bundles of 256.

use std::collections::BTreeMap;
use std::fmt;

use crate::tree::{Frontier, Hash, HashReader, Node, TreeError, node_hash};

/// Hashes in a full tile, entries in a full bundle.
pub const WIDTH: u16 = 256;
/// The highest level of a tile that can hold anything.
pub const TOP_LEVEL: u8 = 7;

/// What a path below `tile/` points to: hashes of a level, or entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Row {
    /// `tile/entries/…`: the leaves themselves.
    Entries,
    /// `tile/L/…`: hashes.
    Level(u8),
}

/// A tile or bundle, and how much of it there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TileId {
    /// Which row of tiles.
    pub row: Row,
    /// Counted from the left.
    pub index: u64,
    /// How many hashes or entries, 1 to 256.
    pub width: u16,
}

impl TileId {
    /// Reads a path as [`TileId`] displays it, for whoever serves tiles.
    pub fn parse(path: &str) -> Option<Self> {
        let (row, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let row = match row {
            "entries" => Row::Entries,
            digits => Row::Level(digits.parse().ok()?),
        };
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, width.parse().ok()?),
            None => (rest, WIDTH),
        };
        let mut index = 0_u64;
        for group in number.split('/') {
            let group: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
            index = index.checked_mul(1000)?.checked_add(group)?;
        }
        let id = Self { row, index, width };
        let known = row <= Row::Level(TOP_LEVEL) && width > 0;
        (known && id.to_string() == path).then_some(id)
    }

    /// The bytes of a hash tile of this width.
    pub fn bytes(&self) -> usize {
        usize::from(self.width) * 32
    }
}

/// `tile/<L>/<N>[.p/<W>]`, where N is cut into groups of three digits (tlog-tiles, section "Merkle Tree").
impl fmt::Display for TileId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row {
            Row::Entries => f.write_str("tile/entries/")?,
            Row::Level(level) => write!(f, "tile/{level}/")?,
        }
        let (mut groups, mut high) = (Vec::new(), self.index / 1000);
        while high > 0 {
            groups.push(high % 1000);
            high /= 1000;
        }
        for group in groups.iter().rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", self.index % 1000)?;
        if self.width < WIDTH {
            write!(f, ".p/{}", self.width)?;
        }
        Ok(())
    }
}

/// The tiles of the right edge, one per level at most: what must be at hand to go on appending.
pub fn edge(size: u64) -> Vec<TileId> {
    let width = |level: u8| u16::try_from((size >> (8 * level)) % 256).unwrap_or(0);
    (0..=TOP_LEVEL)
        .filter(|level| width(*level) > 0)
        .map(|level| TileId {
            row: Row::Level(level),
            index: full_tiles(size, level),
            width: width(level),
        })
        .collect()
}

/// Every hash tile of a tree of this size, level by level.
pub fn all(size: u64) -> impl Iterator<Item = TileId> {
    let partial = edge(size);
    (0..=TOP_LEVEL).flat_map(move |level| {
        let row = Row::Level(level);
        let full = (0..full_tiles(size, level)).map(move |index| TileId {
            row,
            index,
            width: WIDTH,
        });
        let rest = partial.iter().find(|id| id.row == row).copied();
        full.chain(rest)
    })
}

/// Full tiles of this level in a tree of this size.
fn full_tiles(size: u64, level: u8) -> u64 {
    size.checked_shr(8 * (u32::from(level) + 1)).unwrap_or(0)
}

/// The level and number of the tile that knows this node.
pub const fn holding(node: Node) -> (u8, u64) {
    let level = node.level / 8;
    (level, node.index >> (8 - node.level % 8))
}

/// Hash tiles in memory, by level and number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tiles(BTreeMap<(u8, u64), Vec<u8>>);

impl Tiles {
    /// No tile yet.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Puts the bytes of a tile in, or in place of what was there.
    pub fn insert(&mut self, level: u8, index: u64, bytes: Vec<u8>) {
        self.0.insert((level, index), bytes);
    }

    /// The bytes of a tile.
    pub fn get(&self, level: u8, index: u64) -> Option<&[u8]> {
        self.0.get(&(level, index)).map(Vec::as_slice)
    }

    /// Takes a tile out.
    pub fn remove(&mut self, level: u8, index: u64) -> Option<Vec<u8>> {
        self.0.remove(&(level, index))
    }

    /// All tiles, level by level.
    pub fn iter(&self) -> impl Iterator<Item = (u8, u64, &[u8])> {
        self.0
            .iter()
            .map(|((level, index), bytes)| (*level, *index, bytes.as_slice()))
    }

    /// How many tiles there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl HashReader for Tiles {
    fn hash(&self, node: Node) -> Result<Hash, TreeError> {
        let (level, index) = holding(node);
        let tile = self.get(level, index);
        tile.and_then(|tile| hash_in(tile, node))
            .ok_or(TreeError::Missing(node))
    }
}

/// The hash of a node out of the tile that holds it.
fn hash_in(tile: &[u8], node: Node) -> Option<Hash> {
    let height = node.level % 8;
    let first = usize::try_from((node.index << height) % 256).ok()?;
    tile.get(first * 32..(first + (1 << height)) * 32)
        .map(subtree)
}

/// The hash over 1, 2, 4 … 128 hashes that lie side by side.
fn subtree(bytes: &[u8]) -> Hash {
    let mut hash = [0; 32];
    if bytes.len() <= 32 {
        hash.copy_from_slice(bytes);
        return hash;
    }
    let (left, right) = bytes.split_at(bytes.len() / 2);
    node_hash(&subtree(left), &subtree(right))
}

/// Appends leaves and writes the tiles that change.
#[derive(Debug, Clone)]
pub struct Appender {
    frontier: Frontier,
    edge: Vec<Vec<u8>>,
    full: Vec<(TileId, Vec<u8>)>,
    written: u64,
}

impl Appender {
    /// An empty log.
    pub fn new() -> Self {
        Self {
            frontier: Frontier::default(),
            edge: vec![Vec::new(); usize::from(TOP_LEVEL) + 1],
            full: Vec::new(),
            written: 0,
        }
    }

    /// Goes on with a log of this size, whose tiles of [`edge`] are in `tiles`. Wider tiles than those will
    /// do: a crash may leave behind what no checkpoint speaks of.
    pub fn resume(size: u64, tiles: &Tiles) -> Result<Self, TreeError> {
        let mut appender = Self::new();
        for id in edge(size) {
            let Row::Level(level) = id.row else { continue };
            let missing = TreeError::Missing(Node {
                level: level * 8,
                index: id.index * 256,
            });
            let bytes = tiles
                .get(level, id.index)
                .and_then(|tile| tile.get(..id.bytes()));
            appender.edge[usize::from(level)] = bytes.ok_or(missing)?.to_vec();
        }
        appender.frontier = Frontier::at(size, &Edge(&appender.edge))?;
        appender.written = size;
        Ok(appender)
    }

    /// The number of leaves so far.
    pub const fn size(&self) -> u64 {
        self.frontier.size()
    }

    /// The root over all leaves so far.
    pub fn root(&self) -> Hash {
        self.frontier.root()
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let (edge, full) = (&mut self.edge, &mut self.full);
        self.frontier.push(leaf, |node, hash| {
            let level = node.level / 8;
            let Some(tile) = edge
                .get_mut(usize::from(level))
                .filter(|_| node.level % 8 == 0)
            else {
                return;
            };
            tile.extend_from_slice(hash);
            if node.index % 256 == 255 {
                let id = TileId {
                    row: Row::Level(level),
                    index: node.index >> 8,
                    width: WIDTH,
                };
                full.push((id, std::mem::take(tile)));
            }
        });
    }

    /// The tiles that filled up since the last call.
    pub fn take_full(&mut self) -> Vec<(TileId, Vec<u8>)> {
        std::mem::take(&mut self.full)
    }

    /// The tiles that changed since the last call: the full ones, then those of the right edge.
    pub fn take_changed(&mut self) -> Vec<(TileId, Vec<u8>)> {
        let mut changed = self.take_full();
        for id in edge(self.size()) {
            if let Row::Level(level) = id.row
                && self.written >> (8 * level) != self.size() >> (8 * level)
            {
                changed.push((id, self.edge[usize::from(level)].clone()));
            }
        }
        self.written = self.size();
        changed
    }
}

impl Default for Appender {
    fn default() -> Self {
        Self::new()
    }
}

/// The tiles of the right edge as a reader, for the subtrees that make up the root.
struct Edge<'a>(&'a [Vec<u8>]);

impl HashReader for Edge<'_> {
    fn hash(&self, node: Node) -> Result<Hash, TreeError> {
        let tile = self.0.get(usize::from(node.level / 8));
        tile.and_then(|tile| hash_in(tile, node))
            .ok_or(TreeError::Missing(node))
    }
}

/// Why entries can't lie in one bundle, or bytes are not a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// More than 256 entries.
    #[error("more than 256 entries")]
    TooMany,
    /// An entry of more than 65,535 bytes.
    #[error("an entry of more than 65535 bytes")]
    TooLong,
    /// The bytes end inside an entry.
    #[error("cut off inside an entry")]
    CutOff,
}

/// An entry bundle: each entry behind its length in two bytes (tlog-tiles, section "Log Entries").
pub fn bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, BundleError> {
    let mut bytes = Vec::new();
    for (number, entry) in entries.into_iter().enumerate() {
        if number >= usize::from(WIDTH) {
            return Err(BundleError::TooMany);
        }
        let length = u16::try_from(entry.len()).map_err(|_| BundleError::TooLong)?;
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

/// The entries of a bundle.
pub fn unbundle(mut bytes: &[u8]) -> Result<Vec<&[u8]>, BundleError> {
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        if entries.len() == usize::from(WIDTH) {
            return Err(BundleError::TooMany);
        }
        let (length, rest) = bytes.split_first_chunk::<2>().ok_or(BundleError::CutOff)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, rest) = rest.split_at_checked(length).ok_or(BundleError::CutOff)?;
        entries.push(entry);
        bytes = rest;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{leaf_hash, root};
    use proptest::prelude::*;

    fn store(tiles: &mut Tiles, changed: Vec<(TileId, Vec<u8>)>) {
        for (id, bytes) in changed {
            assert_eq!(bytes.len(), id.bytes(), "{id}");
            let Row::Level(level) = id.row else { continue };
            tiles.insert(level, id.index, bytes);
        }
    }

    #[test]
    fn paths_of_the_specification() {
        let level = |level, index, width| TileId {
            row: Row::Level(level),
            index,
            width,
        };
        let entries = |index, width| TileId {
            row: Row::Entries,
            index,
            width,
        };
        for (path, id) in [
            ("tile/0/000", level(0, 0, 256)),
            ("tile/0/x001/234", level(0, 1234, 256)),
            ("tile/0/x001/x234/067", level(0, 1_234_067, 256)),
            ("tile/1/005.p/17", level(1, 5, 17)),
            ("tile/7/x001/000.p/255", level(7, 1000, 255)),
            ("tile/entries/x001/x234/067", entries(1_234_067, 256)),
            ("tile/entries/273.p/112", entries(273, 112)),
        ] {
            assert_eq!(id.to_string(), path);
            assert_eq!(TileId::parse(path), Some(id), "{path}");
        }
        for bad in [
            "tile/0/0",
            "tile/00/000",
            "tile/8/000",
            "tile/+1/000",
            "tile/0/001/234",
            "tile/0/x000/234",
            "tile/0/x001/x234",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000/",
            "/tile/0/000",
            "tile/entries",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
            "tile/0/../000",
        ] {
            assert_eq!(TileId::parse(bad), None, "{bad}");
        }
        let last = level(0, u64::MAX, 256);
        assert_eq!(TileId::parse(&last.to_string()), Some(last));
    }

    #[test]
    fn a_log_in_pieces_is_a_log_in_one() {
        let mut tiles = Tiles::new();
        let mut size = 0;
        let mut whole = Appender::new();
        for batch in [0, 1, 3, 252, 1, 255, 256, 257, 1000, 64_000] {
            let mut appender = Appender::resume(size, &tiles).unwrap();
            for _ in 0..batch {
                let leaf = leaf_hash(&size.to_be_bytes());
                appender.push(leaf);
                whole.push(leaf);
                size += 1;
            }
            store(&mut tiles, appender.take_changed());
            assert_eq!(appender.take_changed(), []);
            assert_eq!(appender.root(), whole.root());
            assert_eq!(root(size, &tiles), Ok(whole.root()));
        }
        let mut at_once = Tiles::new();
        store(&mut at_once, whole.take_changed());
        assert_eq!(at_once, tiles);
        let ids: Vec<_> = all(size).collect();
        assert_eq!(ids.len(), tiles.len());
        for id in ids {
            let Row::Level(level) = id.row else { continue };
            assert_eq!(
                tiles.get(level, id.index).map(<[u8]>::len),
                Some(id.bytes()),
                "{id}"
            );
        }
    }

    #[test]
    fn resuming_needs_the_edge_and_nothing_else() {
        let mut tiles = Tiles::new();
        let mut appender = Appender::new();
        for n in 0..70_000_u64 {
            appender.push(leaf_hash(&n.to_be_bytes()));
        }
        store(&mut tiles, appender.take_changed());
        let mut kept = Tiles::new();
        for id in edge(65_536 + 300) {
            let Row::Level(level) = id.row else { continue };
            // Wider than at that size, as after a crash.
            kept.insert(
                level,
                id.index,
                tiles.get(level, id.index).unwrap().to_vec(),
            );
        }
        let resumed = Appender::resume(65_536 + 300, &kept).unwrap();
        assert_eq!(Ok(resumed.root()), root(65_536 + 300, &tiles));
        assert!(Appender::resume(65_536 + 300, &Tiles::new()).is_err());
    }

    proptest! {
        #[test]
        fn any_path_is_read_without_panic(text: String, path in "(tile/)?[0-9xp./a-z]{0,30}") {
            for text in [text, path] {
                if let Some(id) = TileId::parse(&text) {
                    prop_assert_eq!(id.to_string(), text);
                }
            }
        }

        #[test]
        fn path_and_back(level in 0_u8..8, index: u64, width in 1_u16..=256, entries: bool) {
            let row = if entries { Row::Entries } else { Row::Level(level) };
            let id = TileId { row, index, width };
            prop_assert_eq!(TileId::parse(&id.to_string()), Some(id));
        }

        #[test]
        fn bundle_and_back(
            entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..=256),
        ) {
            let bytes = bundle(entries.iter().map(Vec::as_slice)).unwrap();
            prop_assert_eq!(unbundle(&bytes).unwrap(), entries);
        }

        #[test]
        fn any_bundle_is_read_without_panic(bytes: Vec<u8>) {
            if let Ok(entries) = unbundle(&bytes) {
                prop_assert_eq!(bundle(entries), Ok(bytes));
            }
        }
    }

    #[test]
    fn bundles_are_bounded() {
        let entry: &[u8] = &[1];
        assert_eq!(bundle([entry; 257]), Err(BundleError::TooMany));
        let long = vec![0; 65_536];
        assert_eq!(bundle([&long[..]]), Err(BundleError::TooLong));
        let bytes = [0, 1, 7].repeat(257);
        assert_eq!(unbundle(&bytes), Err(BundleError::TooMany));
        assert_eq!(unbundle(&bytes[..4]), Err(BundleError::CutOff));
    }
}
