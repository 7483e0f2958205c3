//! A second reader: the published crates `tlog_tiles` and `signed_note` accept our checkpoints, tiles and
//! proofs, also as they come out of the database, and we accept the notes they sign.

use std::collections::HashMap;

use base::SeededRng;
use ledger::tile::{Appender, Row, TileId, Tiles};
use ledger::tree::{Hash, consistency, inclusion, leaf_hash, root, verify_consistency};
use seal::SigningKey;
use seal::note::{self, Checkpoint, Signer, Verifier};
use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::{HashReader as _, Tile, TileHashReader, TileReader};

use crate::stored;

const ORIGIN: &str = "feuerwehr.example/org_1";

/// Our tiles, handed out as they would be over HTTP: by path and width.
struct Served<'a>(&'a Tiles);

impl TileReader for Served<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, wanted: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let serve = |tile: &Tile| {
            let id = TileId::parse(&path(tile)).expect("a path we understand");
            let Row::Level(level) = id.row else {
                panic!("{id} is no hash tile");
            };
            let bytes = self.0.get(level, id.index).expect("a tile we have");
            bytes[..id.bytes()].to_vec()
        };
        Ok(wanted.iter().map(serve).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// The crate still writes the height into paths, as Go's checksum database does.
fn path(tile: &Tile) -> String {
    tile.path().replacen("tile/8/", "tile/", 1)
}

fn log(leaves: u64) -> (Tiles, Hash) {
    let mut appender = Appender::new();
    for number in 0..leaves {
        appender.push(leaf_hash(&body(number)));
    }
    let mut tiles = Tiles::new();
    for (id, bytes) in appender.take_changed() {
        let Row::Level(level) = id.row else { continue };
        tiles.insert(level, id.index, bytes);
    }
    (tiles, appender.root())
}

fn body(number: u64) -> Vec<u8> {
    format!("leaf {number}").into_bytes()
}

fn theirs(proof: Vec<Hash>) -> Vec<tlog_tiles::Hash> {
    proof.into_iter().map(tlog_tiles::Hash).collect()
}

fn signer() -> Signer {
    let key = SigningKey::generate(&SeededRng::new(1)).expect("a key");
    Signer::new(ORIGIN, key).expect("a good name")
}

#[test]
fn reads_our_checkpoint() {
    let (_, root) = log(300);
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size: 300,
        root,
    };
    let signed = checkpoint.sign(&signer()).unwrap();
    let key = StandardVerifier::new(&signer().verifier().to_string()).unwrap();
    let note = Note::from_bytes(signed.as_bytes()).unwrap();
    let (good, unknown) = note
        .verify(&VerifierList::new(vec![Box::new(key)]))
        .unwrap();
    assert_eq!((good.len(), unknown.len()), (1, 0));
    assert_eq!(note.to_bytes(), signed.as_bytes());
    let read = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
    assert_eq!((read.origin(), read.size()), (ORIGIN, 300));
    assert_eq!(read.hash().0, root);
    assert_eq!(read.to_bytes(), checkpoint.to_string().as_bytes());
}

#[test]
fn we_read_its_notes() {
    let private = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let mut note = Note::new("first\n\nthird line\n".as_bytes(), &[]).unwrap();
    note.add_sigs(&[&StandardSigner::new(private).unwrap()])
        .unwrap();
    let verifier: Verifier = public.parse().unwrap();
    assert_eq!(
        note::verify(&note.to_bytes(), &verifier),
        Ok("first\n\nthird line\n")
    );
    let both = format!("{}{}", String::from_utf8(note.to_bytes()).unwrap(), {
        let ours = note::sign("first\n\nthird line\n", &signer()).unwrap();
        ours.strip_prefix("first\n\nthird line\n\n")
            .unwrap()
            .to_owned()
    });
    assert!(note::verify(both.as_bytes(), &verifier).is_ok());
    assert!(note::verify(both.as_bytes(), signer().verifier()).is_ok());
}

#[test]
fn reads_our_tiles_and_proofs() {
    for size in [1, 2, 3, 255, 256, 257, 511, 700, 65_536, 66_000] {
        let (tiles, now) = log(size);
        let served = Served(&tiles);
        let reader = TileHashReader::new(size, tlog_tiles::Hash(now), &served);
        for index in [0, 1, size / 3, size / 2, size - 1] {
            let Some(index) = Some(index).filter(|index| *index < size) else {
                continue;
            };
            let leaf = tlog_tiles::record_hash(&body(index));
            let stored = tlog_tiles::stored_hash_index(0, index);
            assert_eq!(
                reader.read_hashes(&[stored]).unwrap(),
                [leaf],
                "{index} of {size}"
            );
            let ours = theirs(inclusion(index, size, &tiles).unwrap());
            let wanted = tlog_tiles::prove_record(size, index, &reader).unwrap();
            assert_eq!(ours, wanted, "{index} of {size}");
            tlog_tiles::check_record(&ours, size, tlog_tiles::Hash(now), index, leaf).unwrap();
            let (earlier, was) = (index + 1, root(index + 1, &tiles).unwrap());
            let ours = consistency(earlier, size, &tiles).unwrap();
            assert_eq!(verify_consistency(earlier, &was, size, &now, &ours), Ok(()));
            let ours = theirs(ours);
            let wanted = tlog_tiles::prove_tree(size, earlier, &reader).unwrap();
            assert_eq!(ours, wanted, "{earlier} of {size}");
            let (now, was) = (tlog_tiles::Hash(now), tlog_tiles::Hash(was));
            tlog_tiles::check_tree(&ours, size, now, earlier, was).unwrap();
        }
    }
}

#[test]
fn names_and_cuts_tiles_as_we_do() {
    for (earlier, size) in [(0, 1), (0, 700), (256, 257), (1000, 66_000), (0, 70_000)] {
        let mut wanted: Vec<String> = Tile::new_tiles(8, earlier, size).iter().map(path).collect();
        let mut appender = Appender::new();
        for number in 0..size {
            if number == earlier {
                appender.take_changed();
            }
            appender.push(leaf_hash(&body(number)));
        }
        let mut ours: Vec<String> = appender
            .take_changed()
            .iter()
            .map(|(id, _)| id.to_string())
            .collect();
        wanted.sort();
        ours.sort();
        assert_eq!(ours, wanted, "{earlier} to {size}");
    }
    for number in [0, 999, 1000, 1_234_067, 123_456_789] {
        for width in [1, 255, 256] {
            let id = TileId {
                row: Row::Level(1),
                index: number,
                width,
            };
            let tile = Tile::new(8, 1, number, u32::from(width), false);
            assert_eq!(id.to_string(), path(&tile));
        }
    }
}

/// Tiles as the ledger hands them out, by their path.
struct Stored(HashMap<String, Vec<u8>>);

impl TileReader for Stored {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, wanted: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let serve = |tile: &Tile| self.0.get(&path(tile)).expect("a tile of the log").clone();
        Ok(wanted.iter().map(serve).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

#[tokio::test]
async fn reads_what_is_stored() {
    stored::each(async |world| {
        for leaves in [5, 300, 400] {
            world.fill(leaves).await;
        }
        let (ledger, log) = (&world.ledger, world.log);
        let key = ledger.public_key(log).await.unwrap().unwrap();
        let key = StandardVerifier::new(&key).unwrap();
        let signed = ledger.checkpoint(log).await.unwrap().unwrap();
        let note = Note::from_bytes(signed.as_bytes()).unwrap();
        note.verify(&VerifierList::new(vec![Box::new(key)]))
            .unwrap();
        let head = tlog_tiles::Checkpoint::from_bytes(note.text()).unwrap();
        assert_eq!(head.origin(), format!("{}/{}", stored::HOST, world.org));
        assert_eq!(head.size(), 705);

        let mut tiles = HashMap::new();
        for id in ledger::tile::all(705) {
            let bytes = ledger.tile(log, &id.to_string()).await.unwrap().unwrap();
            assert_eq!(bytes.len(), id.bytes(), "{id}");
            tiles.insert(id.to_string(), bytes);
        }
        let tiles = Stored(tiles);
        let reader = TileHashReader::new(705, *head.hash(), &tiles);
        for (bundle, first) in [("000", 0), ("001", 256), ("002.p/193", 512)] {
            let path = format!("tile/entries/{bundle}");
            let bytes = ledger.tile(log, &path).await.unwrap().unwrap();
            for (place, body) in (0..).zip(ledger::tile::unbundle(&bytes).unwrap()) {
                let index: u64 = first + place;
                let stored = tlog_tiles::stored_hash_index(0, index);
                let leaf = tlog_tiles::record_hash(body);
                assert_eq!(reader.read_hashes(&[stored]).unwrap(), [leaf], "{index}");
                if index.is_multiple_of(64) {
                    let proof = theirs(ledger.proof(log, index).await.unwrap().unwrap().path);
                    tlog_tiles::check_record(&proof, 705, *head.hash(), index, leaf).unwrap();
                }
            }
        }
        // Narrower tiles of an earlier size are there still, wider ones never were.
        for (path, there) in [
            ("tile/0/002.p/1", true),
            ("tile/0/002.p/194", false),
            ("tile/0/002", false),
            ("tile/1/000.p/2", true),
            ("tile/entries/002.p/194", false),
            ("tile/entries/003.p/1", false),
            ("tile/0/../000", false),
            ("tile/0/x009/223/x372/036/854/775/807", false),
        ] {
            let tile = ledger.tile(log, path).await.unwrap();
            assert_eq!(tile.is_some(), there, "{path}");
        }
    })
    .await;
}
