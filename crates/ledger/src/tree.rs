//! The Merkle tree of RFC 6962: hashing, appending, roots, inclusion and consistency proofs.
//!
//! Pure: what is stored comes in through [`HashReader`], which knows the hash of each complete subtree.
//! Appending costs O(1) hashes on average and O(log n) memory; a proof O(log n) of both.

use seal::sha256;

/// A SHA-256 hash of a leaf or a node.
pub type Hash = [u8; 32];

/// A complete subtree: the `index`-th of those over 2^`level` leaves. Level 0 are the leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Node {
    /// Height above the leaves.
    pub level: u8,
    /// Counted from the left within its level.
    pub index: u64,
}

/// What can be wrong with a tree or a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// The reader does not have a hash it should have.
    #[error("the hash at level {} number {} is missing", .0.level, .0.index)]
    Missing(Node),
    /// A leaf beyond the tree, or a tree larger than the one there is.
    #[error("beyond the end of the tree")]
    OutOfRange,
    /// The proof does not lead to the root.
    #[error("the proof is wrong")]
    WrongProof,
}

/// Where the hashes of complete subtrees come from.
pub trait HashReader {
    /// The hash of one complete subtree.
    fn hash(&self, node: Node) -> Result<Hash, TreeError>;
}

impl<R: HashReader + ?Sized> HashReader for &R {
    fn hash(&self, node: Node) -> Result<Hash, TreeError> {
        (**self).hash(node)
    }
}

/// The hash of a leaf: SHA-256 of `0x00 ‖ body` (RFC 6962, section 2.1).
pub fn leaf_hash(body: &[u8]) -> Hash {
    let mut bytes = [0; 512];
    match bytes.get_mut(1..=body.len()) {
        Some(place) => {
            place.copy_from_slice(body);
            sha256(&bytes[..=body.len()])
        }
        None => seal::sha256_parts(&[&[0], body]),
    }
}

/// The hash of a node: SHA-256 of `0x01 ‖ left ‖ right` (RFC 6962, section 2.1).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    bytes[1..33].copy_from_slice(left);
    bytes[33..].copy_from_slice(right);
    sha256(&bytes)
}

/// The root of a tree without leaves: SHA-256 of nothing (RFC 6962, section 2.1).
pub fn empty_root() -> Hash {
    sha256(&[])
}

/// The right edge of a growing tree: the hashes of its complete subtrees, the largest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

impl Frontier {
    /// The edge of a stored tree of this size.
    pub fn at(size: u64, reader: &impl HashReader) -> Result<Self, TreeError> {
        let hashes = cover(0, size)
            .map(|node| reader.hash(node))
            .collect::<Result<_, _>>()?;
        Ok(Self { size, hashes })
    }

    /// The number of leaves so far.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf and tells `complete` each subtree that it completes, from the leaf upwards.
    pub fn push(&mut self, leaf: Hash, mut complete: impl FnMut(Node, &Hash)) {
        let (mut level, mut index, mut hash) = (0, self.size, leaf);
        complete(Node { level, index }, &hash);
        while index & 1 == 1
            && let Some(left) = self.hashes.pop()
        {
            hash = node_hash(&left, &hash);
            (level, index) = (level + 1, index >> 1);
            complete(Node { level, index }, &hash);
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// The root over all leaves so far.
    pub fn root(&self) -> Hash {
        fold(self.hashes.iter().rev().copied()).unwrap_or_else(empty_root)
    }
}

/// The root of the first `size` leaves.
pub fn root(size: u64, reader: &impl HashReader) -> Result<Hash, TreeError> {
    if size == 0 {
        return Ok(empty_root());
    }
    range(0, size, reader)
}

/// Proves that the leaf `index` is in the tree of `size` leaves (RFC 6962, section 2.1.1).
pub fn inclusion(index: u64, size: u64, reader: &impl HashReader) -> Result<Vec<Hash>, TreeError> {
    hashes_of(&inclusion_ranges(index, size)?, reader)
}

/// Proves that the tree of `size` leaves continues the one of `earlier` leaves (RFC 6962, section 2.1.2).
/// Empty when both are the same or there was none.
pub fn consistency(
    earlier: u64,
    size: u64,
    reader: &impl HashReader,
) -> Result<Vec<Hash>, TreeError> {
    hashes_of(&consistency_ranges(earlier, size)?, reader)
}

/// The subtrees whose hashes [`root`] and [`Frontier::at`] read.
pub fn root_nodes(size: u64) -> Vec<Node> {
    cover(0, size).collect()
}

/// The subtrees whose hashes [`inclusion`] reads.
pub fn inclusion_nodes(index: u64, size: u64) -> Result<Vec<Node>, TreeError> {
    Ok(nodes_of(&inclusion_ranges(index, size)?))
}

/// The subtrees whose hashes [`consistency`] reads.
pub fn consistency_nodes(earlier: u64, size: u64) -> Result<Vec<Node>, TreeError> {
    Ok(nodes_of(&consistency_ranges(earlier, size)?))
}

/// Checks an inclusion proof (RFC 9162, section 2.1.3.2).
pub fn verify_inclusion(
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> Result<(), TreeError> {
    if index >= size {
        return Err(TreeError::OutOfRange);
    }
    let (mut at, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return Err(TreeError::WrongProof);
        }
        if at & 1 == 1 || at == last {
            hash = node_hash(sibling, &hash);
            let skipped = at.trailing_zeros();
            (at, last) = (at >> skipped, last >> skipped);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    check(last == 0 && hash == *root)
}

/// Checks a consistency proof (RFC 9162, section 2.1.4.2).
pub fn verify_consistency(
    earlier: u64,
    earlier_root: &Hash,
    size: u64,
    root: &Hash,
    proof: &[Hash],
) -> Result<(), TreeError> {
    if earlier > size {
        return Err(TreeError::OutOfRange);
    }
    if earlier == 0 {
        return check(proof.is_empty() && *earlier_root == empty_root());
    }
    if earlier == size {
        return check(proof.is_empty() && earlier_root == root);
    }
    let complete = (earlier - 1).trailing_ones();
    let (mut at, mut last) = ((earlier - 1) >> complete, (size - 1) >> complete);
    let (start, rest) = if at == 0 {
        (earlier_root, proof)
    } else {
        proof.split_first().ok_or(TreeError::WrongProof)?
    };
    let (mut old, mut new) = (*start, *start);
    for sibling in rest {
        if last == 0 {
            return Err(TreeError::WrongProof);
        }
        if at & 1 == 1 || at == last {
            old = node_hash(sibling, &old);
            new = node_hash(sibling, &new);
            let skipped = at.trailing_zeros();
            (at, last) = (at >> skipped, last >> skipped);
        } else {
            new = node_hash(&new, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    check(last == 0 && old == *earlier_root && new == *root)
}

fn check(good: bool) -> Result<(), TreeError> {
    if good {
        Ok(())
    } else {
        Err(TreeError::WrongProof)
    }
}

/// Leaves `lo..hi`, where `lo` is a multiple of the least power of two that is not below the length.
type Range = (u64, u64);

fn inclusion_ranges(index: u64, size: u64) -> Result<Vec<Range>, TreeError> {
    if index >= size {
        return Err(TreeError::OutOfRange);
    }
    let (mut lo, mut hi, mut ranges) = (0, size, Vec::new());
    while hi - lo > 1 {
        let middle = lo + left_part(hi - lo);
        if index < middle {
            ranges.push((middle, hi));
            hi = middle;
        } else {
            ranges.push((lo, middle));
            lo = middle;
        }
    }
    ranges.reverse();
    Ok(ranges)
}

fn consistency_ranges(earlier: u64, size: u64) -> Result<Vec<Range>, TreeError> {
    if earlier > size {
        return Err(TreeError::OutOfRange);
    }
    let (mut lo, mut hi, mut ranges) = (0, size, Vec::new());
    if earlier == 0 {
        return Ok(ranges);
    }
    while earlier != hi {
        let middle = lo + left_part(hi - lo);
        if earlier <= middle {
            ranges.push((middle, hi));
            hi = middle;
        } else {
            ranges.push((lo, middle));
            lo = middle;
        }
    }
    if lo != 0 {
        ranges.push((lo, hi));
    }
    ranges.reverse();
    Ok(ranges)
}

/// The largest power of two below `length`, which is at least 2.
const fn left_part(length: u64) -> u64 {
    1 << (length - 1).ilog2()
}

/// The complete subtrees that make up `lo..hi`, from the left, the largest first.
fn cover(mut lo: u64, hi: u64) -> impl DoubleEndedIterator<Item = Node> {
    let length = hi.saturating_sub(lo);
    let mut nodes = Vec::with_capacity(length.count_ones() as usize);
    for level in (0..64_u8).rev() {
        if length >> level & 1 == 1 {
            let index = lo >> level;
            nodes.push(Node { level, index });
            lo += 1 << level;
        }
    }
    nodes.into_iter()
}

fn nodes_of(ranges: &[Range]) -> Vec<Node> {
    ranges.iter().flat_map(|(lo, hi)| cover(*lo, *hi)).collect()
}

fn hashes_of(ranges: &[Range], reader: &impl HashReader) -> Result<Vec<Hash>, TreeError> {
    ranges
        .iter()
        .map(|(lo, hi)| range(*lo, *hi, reader))
        .collect()
}

/// The hash over the leaves `lo..hi`, which are at least one.
fn range(lo: u64, hi: u64, reader: &impl HashReader) -> Result<Hash, TreeError> {
    let hashes: Vec<Hash> = cover(lo, hi)
        .rev()
        .map(|node| reader.hash(node))
        .collect::<Result<_, _>>()?;
    fold(hashes.into_iter()).ok_or(TreeError::OutOfRange)
}

/// Joins the hashes of neighbouring subtrees, given from the right.
fn fold(from_right: impl Iterator<Item = Hash>) -> Option<Hash> {
    from_right.reduce(|right, left| node_hash(&left, &right))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tile::{Appender, Row, Tiles};
    use proptest::prelude::*;

    fn hex(text: &str) -> Vec<u8> {
        let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
        (0..text.len()).step_by(2).map(digit).collect()
    }

    /// The definitions of RFC 6962, section 2.1, word for word.
    fn mth(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(split(leaves.len()));
                node_hash(&mth(left), &mth(right))
            }
        }
    }

    fn path(m: usize, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let k = split(leaves.len());
        let (left, right) = leaves.split_at(k);
        let (mut proof, sibling) = if m < k {
            (path(m, left), mth(right))
        } else {
            (path(m - k, right), mth(left))
        };
        proof.push(sibling);
        proof
    }

    fn subproof(m: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
        if m == leaves.len() {
            return if whole { Vec::new() } else { vec![mth(leaves)] };
        }
        let k = split(leaves.len());
        let (left, right) = leaves.split_at(k);
        let (mut proof, sibling) = if m <= k {
            (subproof(m, left, whole), mth(right))
        } else {
            (subproof(m - k, right, false), mth(left))
        };
        proof.push(sibling);
        proof
    }

    fn split(length: usize) -> usize {
        length.next_power_of_two() / 2
    }

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    fn tiles(leaves: &[Hash]) -> Tiles {
        let mut appender = Appender::new();
        for leaf in leaves {
            appender.push(*leaf);
        }
        let mut tiles = Tiles::new();
        for (id, bytes) in appender.take_changed() {
            let Row::Level(level) = id.row else { continue };
            tiles.insert(level, id.index, bytes);
        }
        tiles
    }

    #[test]
    fn roots_of_the_certificate_transparency_reference() {
        let inputs = [
            "",
            "00",
            "10",
            "2021",
            "3031",
            "40414243",
            "5051525354555657",
            "606162636465666768696a6b6c6d6e6f",
        ];
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut frontier = Frontier::default();
        assert_eq!(frontier.root().as_slice(), hex(roots[0]));
        for (input, want) in inputs.iter().zip(&roots[1..]) {
            frontier.push(leaf_hash(&hex(input)), |_, _| ());
            assert_eq!(frontier.root().as_slice(), hex(want));
        }
    }

    #[test]
    fn long_leaves_hash_like_short_ones() {
        for length in [0, 1, 300, 510, 511, 512, 4000] {
            let body = vec![7; length];
            assert_eq!(
                leaf_hash(&body),
                sha256(&[&[0], &body[..]].concat()),
                "{length}"
            );
        }
    }

    #[test]
    fn beyond_the_end_is_refused() {
        let tiles = tiles(&leaves(5));
        assert_eq!(inclusion(5, 5, &tiles), Err(TreeError::OutOfRange));
        assert_eq!(consistency(6, 5, &tiles), Err(TreeError::OutOfRange));
        let missing = TreeError::Missing(Node { level: 0, index: 5 });
        assert_eq!(
            inclusion(5, 6, &tiles),
            Ok(vec![
                tiles.hash(Node { level: 0, index: 4 }).unwrap(),
                root(4, &tiles).unwrap()
            ])
        );
        assert_eq!(
            root(7, &tiles),
            Err(TreeError::Missing(Node { level: 0, index: 6 }))
        );
        assert_eq!(inclusion(4, 6, &tiles), Err(missing));
        let none = [0; 32];
        assert_eq!(
            verify_inclusion(&none, 0, 0, &[], &none),
            Err(TreeError::OutOfRange)
        );
        let earlier = verify_consistency(6, &none, 5, &none, &[]);
        assert_eq!(earlier, Err(TreeError::OutOfRange));
    }

    proptest! {
        #[test]
        fn agrees_with_the_definitions(size in 1_usize..1200, first: usize, second: usize) {
            let leaves = leaves(size);
            let stored = tiles(&leaves);
            let (index, earlier) = (first % size, second % size + 1);
            let (size64, index64, earlier64) = (size as u64, index as u64, earlier as u64);
            let now = mth(&leaves);
            prop_assert_eq!(root(size64, &stored), Ok(now));
            prop_assert_eq!(Frontier::at(size64, &stored).unwrap().root(), now);
            let was = mth(&leaves[..earlier]);
            prop_assert_eq!(root(earlier64, &stored), Ok(was));
            let proof = inclusion(index64, size64, &stored).unwrap();
            prop_assert_eq!(&proof, &path(index, &leaves));
            prop_assert_eq!(verify_inclusion(&leaves[index], index64, size64, &proof, &now), Ok(()));
            let proof = consistency(earlier64, size64, &stored).unwrap();
            prop_assert_eq!(&proof, &subproof(earlier, &leaves, true));
            prop_assert_eq!(verify_consistency(earlier64, &was, size64, &now, &proof), Ok(()));
        }

        #[test]
        fn wrong_proofs_are_refused(size in 2_u64..700, at: u64, place: usize, other: u64) {
            let leaves = leaves(usize::try_from(size).unwrap());
            let stored = tiles(&leaves);
            let wrong = Err(TreeError::WrongProof);
            let now = root(size, &stored).unwrap();
            let (index, earlier) = (at % size, at % (size - 1) + 1);
            let leaf = leaves[usize::try_from(index).unwrap()];
            let proof = inclusion(index, size, &stored).unwrap();
            let mut changed = proof.clone();
            changed[place % proof.len()][place % 32] ^= 1;
            prop_assert_eq!(verify_inclusion(&leaf, index, size, &changed, &now), wrong);
            let cut = &proof[..proof.len() - 1];
            prop_assert_eq!(verify_inclusion(&leaf, index, size, cut, &now), wrong);
            let long = [&proof[..], &[now]].concat();
            prop_assert_eq!(verify_inclusion(&leaf, index, size, &long, &now), wrong);
            if other % size != index {
                prop_assert_eq!(verify_inclusion(&leaf, other % size, size, &proof, &now), wrong);
            }
            let was = root(earlier, &stored).unwrap();
            let proof = consistency(earlier, size, &stored).unwrap();
            let check = |proof: &[Hash]| verify_consistency(earlier, &was, size, &now, proof);
            let mut changed = proof.clone();
            changed[place % proof.len()][place % 32] ^= 1;
            prop_assert_eq!(check(&changed), wrong);
            prop_assert_eq!(check(&proof[..proof.len() - 1]), wrong);
            prop_assert_eq!(check(&[&proof[..], &[now]].concat()), wrong);
            prop_assert_eq!(verify_consistency(earlier, &now, size, &now, &proof), wrong);
            prop_assert_eq!(verify_consistency(earlier, &was, size, &was, &proof), wrong);
        }

        #[test]
        fn any_proof_is_checked_without_panic(
            index: u64, earlier: u64, size: u64, proof: Vec<[u8; 32]>, root: [u8; 32],
        ) {
            prop_assert!(verify_inclusion(&[1; 32], index, size, &proof, &root).is_err());
            prop_assert!(verify_consistency(earlier, &[1; 32], size, &root, &proof).is_err());
        }
    }
}
