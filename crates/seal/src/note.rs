//! Signed notes (C2SP signed-note v1.0.0, Ed25519 signatures) and checkpoints (C2SP tlog-checkpoint v1.0.0).
//!
//! A note is text, an empty line, and one line per signature: `— name base64(key id ‖ signature)`. Lines of
//! unknown keys are skipped, as the format asks; a wrong line of the wanted key spoils the note.

use std::fmt;
use std::str::FromStr;

use crate::{SealError, SigningKey, VerifyingKey, b64_decode, b64_encode, sha256_parts};

/// Longest note that is looked at.
pub const MAX_BYTES: usize = 64 * 1024;
/// Most signature lines that are looked at.
pub const MAX_SIGNATURES: usize = 100;

const ED25519: u8 = 1;
const MARK: &str = "\u{2014} ";
const NOTE: SealError = SealError::Malformed("signed note");
const KEY: SealError = SealError::Malformed("verifier key");
const NAME: SealError = SealError::Malformed("key name");
const CHECKPOINT: SealError = SealError::Malformed("checkpoint");

/// A named public key; its text form is `name+id+base64(0x01 ‖ key)`, to be handed to whoever verifies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

impl Verifier {
    /// Names a key. A name is not empty and holds no white space, control character or `+`.
    pub fn new(name: &str, key: VerifyingKey) -> Result<Self, SealError> {
        let bad = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if name.is_empty() || name.contains(bad) {
            return Err(NAME);
        }
        let hash = sha256_parts(&[name.as_bytes(), &[b'\n', ED25519], key.as_bytes()]);
        Ok(Self {
            name: name.to_owned(),
            id: [hash[0], hash[1], hash[2], hash[3]],
            key,
        })
    }

    /// The name; for a log, its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of SHA-256 over `name ‖ 0x0A ‖ 0x01 ‖ key`.
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The key itself.
    pub const fn key(&self) -> &VerifyingKey {
        &self.key
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [ED25519; 33];
        bytes[1..].copy_from_slice(self.key.as_bytes());
        let (id, key) = (u32::from_be_bytes(self.id), b64_encode(&bytes));
        write!(f, "{}+{id:08x}+{key}", self.name)
    }
}

impl FromStr for Verifier {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        let (name, rest) = text.split_once('+').ok_or(KEY)?;
        let (_, key) = rest.split_once('+').ok_or(KEY)?;
        let bytes: [u8; 33] = b64_decode(key)?.try_into().map_err(|_| KEY)?;
        let (kind, key) = bytes.split_first_chunk::<1>().ok_or(KEY)?;
        if *kind != [ED25519] {
            return Err(KEY);
        }
        let key = VerifyingKey::from_bytes(key.try_into().map_err(|_| KEY)?);
        let verifier = Self::new(name, key)?;
        if verifier.to_string() == text {
            Ok(verifier)
        } else {
            Err(KEY)
        }
    }
}

/// A named private key.
#[derive(Debug)]
pub struct Signer {
    key: SigningKey,
    verifier: Verifier,
}

impl Signer {
    /// Names a key; see [`Verifier::new`].
    pub fn new(name: &str, key: SigningKey) -> Result<Self, SealError> {
        let verifier = Verifier::new(name, key.verifying_key())?;
        Ok(Self { key, verifier })
    }

    /// The public half.
    pub const fn verifier(&self) -> &Verifier {
        &self.verifier
    }
}

/// Signs a text, which ends with a line break and holds no other control character.
pub fn sign(text: &str, signer: &Signer) -> Result<String, SealError> {
    if !is_text(text) {
        return Err(NOTE);
    }
    let mut bytes = [0; 68];
    bytes[..4].copy_from_slice(&signer.verifier.id);
    bytes[4..].copy_from_slice(&signer.key.sign(text.as_bytes())?);
    let (name, signature) = (&signer.verifier.name, b64_encode(&bytes));
    Ok(format!("{text}\n{MARK}{name} {signature}\n"))
}

/// Checks that the key signed the note and gives its text, final line break included.
pub fn verify<'n>(note: &'n [u8], verifier: &Verifier) -> Result<&'n str, SealError> {
    if note.len() > MAX_BYTES {
        return Err(SealError::TooLarge);
    }
    let note = str::from_utf8(note).map_err(|_| NOTE)?;
    let split = note.rfind("\n\n").ok_or(NOTE)? + 1;
    let (text, signatures) = (&note[..split], &note[split + 1..]);
    let lines = signatures.strip_suffix('\n').ok_or(NOTE)?;
    if !is_text(text) || lines.split('\n').count() > MAX_SIGNATURES {
        return Err(NOTE);
    }
    let mut found = Err(SealError::UnknownKey);
    for line in lines.split('\n') {
        let (name, signature) = line
            .strip_prefix(MARK)
            .and_then(|rest| rest.split_once(' '))
            .ok_or(NOTE)?;
        let signature = b64_decode(signature)?;
        let (id, signature) = signature.split_first_chunk::<4>().ok_or(NOTE)?;
        if name.is_empty() || signature.is_empty() {
            return Err(NOTE);
        }
        if name == verifier.name && *id == verifier.id {
            verifier.key.verify(text.as_bytes(), signature)?;
            found = Ok(text);
        }
    }
    found
}

fn is_text(text: &str) -> bool {
    text.ends_with('\n') && !text.chars().any(|c| c < ' ' && c != '\n')
}

/// What a log says of itself: so many leaves, this root (C2SP tlog-checkpoint).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's name, which is also the name of its key.
    pub origin: String,
    /// The number of leaves.
    pub size: u64,
    /// The root over all of them (RFC 6962, section 2.1).
    pub root: [u8; 32],
}

impl Checkpoint {
    /// Signs the checkpoint with the log's key, which bears the log's name.
    pub fn sign(&self, signer: &Signer) -> Result<String, SealError> {
        if signer.verifier.name != self.origin {
            return Err(NAME);
        }
        sign(&self.to_string(), signer)
    }

    /// Opens a signed checkpoint: the signature fits, and the origin is the key's name.
    pub fn open(note: &[u8], verifier: &Verifier) -> Result<Self, SealError> {
        let checkpoint: Self = verify(note, verifier)?.parse()?;
        if checkpoint.origin == verifier.name {
            Ok(checkpoint)
        } else {
            Err(SealError::UnknownKey)
        }
    }
}

/// The text that is signed: origin, size, root, a line each.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = b64_encode(&self.root);
        write!(f, "{}\n{}\n{root}\n", self.origin, self.size)
    }
}

/// Reads the text form. Extension lines are allowed and ignored; empty ones are not.
impl FromStr for Checkpoint {
    type Err = SealError;

    fn from_str(text: &str) -> Result<Self, SealError> {
        let mut lines = text.strip_suffix('\n').ok_or(CHECKPOINT)?.split('\n');
        let mut line = || lines.next().filter(|l| !l.is_empty()).ok_or(CHECKPOINT);
        let (origin, digits, root) = (line()?, line()?, line()?);
        let size: u64 = digits.parse().map_err(|_| CHECKPOINT)?;
        if size.to_string() != digits || lines.any(str::is_empty) {
            return Err(CHECKPOINT);
        }
        Ok(Self {
            origin: origin.to_owned(),
            size,
            root: b64_decode(root)?.try_into().map_err(|_| CHECKPOINT)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::flip;
    use base::SeededRng;
    use proptest::prelude::*;

    /// The example with which the format's first implementation is documented.
    const TEXT: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n";
    const PUBLIC: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const SEED: &str = "gQoUAtUUbI2E8kQzMPVAgOv5juF9nHT2JS/F1ccoMXM=";
    const LINE: &str = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUg\
        YN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    fn signer(seed: u64, name: &str) -> Signer {
        Signer::new(name, SigningKey::generate(&SeededRng::new(seed)).unwrap()).unwrap()
    }

    fn checkpoint(size: u64) -> Checkpoint {
        let origin = "feuerwehr.example/obhut".to_owned();
        let root = [7; 32];
        Checkpoint { origin, size, root }
    }

    #[test]
    fn makes_and_reads_the_published_example() {
        let key = SigningKey::from_bytes(&b64_decode(SEED).unwrap()).unwrap();
        let signer = Signer::new("PeterNeumann", key).unwrap();
        assert_eq!(signer.verifier().to_string(), PUBLIC);
        let note = sign(TEXT, &signer).unwrap();
        assert_eq!(note, format!("{TEXT}\n{LINE}"));
        let verifier: Verifier = PUBLIC.parse().unwrap();
        assert_eq!(&verifier, signer.verifier());
        assert_eq!(verify(note.as_bytes(), &verifier), Ok(TEXT));
    }

    #[test]
    fn skips_signatures_of_others() {
        let verifier: Verifier = PUBLIC.parse().unwrap();
        let other = "\u{2014} EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF\
            1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";
        let both = format!("{TEXT}\n{other}{LINE}");
        assert_eq!(verify(both.as_bytes(), &verifier), Ok(TEXT));
        let without = format!("{TEXT}\n{other}");
        assert_eq!(
            verify(without.as_bytes(), &verifier),
            Err(SealError::UnknownKey)
        );
        let many = format!("{TEXT}\n{}{LINE}", other.repeat(MAX_SIGNATURES));
        assert_eq!(verify(many.as_bytes(), &verifier), Err(NOTE));
    }

    #[test]
    fn refuses_what_is_not_a_note() {
        let verifier: Verifier = PUBLIC.parse().unwrap();
        for bad in [
            String::new(),
            "\n\n".to_owned(),
            format!("{TEXT}{LINE}"),
            format!("{TEXT}\n"),
            format!("{TEXT}\n{}", LINE.trim_end()),
            format!("{TEXT}\n{LINE}\n"),
            format!("{TEXT}\n{}", LINE.replace('\u{2014}', "-")),
            format!("\r{TEXT}\n{LINE}"),
            format!("{TEXT}\n\u{2014} PeterNeumann x08g\n"),
        ] {
            assert!(verify(bad.as_bytes(), &verifier).is_err(), "{bad}");
        }
        let signer = signer(1, "a");
        for bad in ["", "no line break", "tab\t\n"] {
            assert!(sign(bad, &signer).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_checked() {
        let key = VerifyingKey::from_bytes([1; 32]);
        for bad in ["", "a b", "a+b", "a\u{2003}b", "a\nb", "a\0"] {
            assert!(Verifier::new(bad, key).is_err(), "{bad:?}");
        }
        assert!(Verifier::new("wehr.example/löschzug", key).is_ok());
    }

    #[test]
    fn a_checkpoint_is_opened_by_its_own_log_only() {
        let ours = signer(1, "feuerwehr.example/obhut");
        let note = checkpoint(5).sign(&ours).unwrap();
        let opened = Checkpoint::open(note.as_bytes(), ours.verifier());
        assert_eq!(opened, Ok(checkpoint(5)));
        let theirs = signer(1, "feuerwehr.example/other");
        assert!(checkpoint(5).sign(&theirs).is_err());
        let note = sign(&checkpoint(5).to_string(), &theirs).unwrap();
        assert_eq!(
            Checkpoint::open(note.as_bytes(), theirs.verifier()),
            Err(SealError::UnknownKey)
        );
    }

    #[test]
    fn checkpoints_have_one_form() {
        let root = "TszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0=";
        for (text, good) in [
            (format!("example.com/origin\n123\n{root}\n"), true),
            (format!("example.com/origin\n123\n{root}\nabc\ndef\n"), true),
            (format!("e\n0\n{root}\n"), true),
            (format!("\n123\n{root}\n"), false),
            (format!("e\n0123\n{root}\n"), false),
            (format!("e\n+1\n{root}\n"), false),
            (format!("e\n18446744073709551616\n{root}\n"), false),
            (
                "e\n1\nTszzRgjTG6xce+z2AG31kAXYKBgQVtCSCE40HmuwBb0\n".to_owned(),
                false,
            ),
            ("e\n1\nAAAA\n".to_owned(), false),
            (format!("e\n1\n{root}\nabc\n\n"), false),
            (format!("e\n1\n{root}"), false),
        ] {
            assert_eq!(text.parse::<Checkpoint>().is_ok(), good, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_changed_bit_is_found(seed: u64, size: u64, place: usize) {
            let signer = signer(seed, "feuerwehr.example/obhut");
            let note = checkpoint(size).sign(&signer).unwrap();
            let changed = flip(note.as_bytes(), place);
            prop_assert!(Checkpoint::open(&changed, signer.verifier()).is_err());
        }

        #[test]
        fn checkpoint_text_and_back(origin in r"[^\n]{1,40}", size: u64, root: [u8; 32]) {
            let checkpoint = Checkpoint { origin, size, root };
            prop_assert_eq!(checkpoint.to_string().parse(), Ok(checkpoint));
        }

        #[test]
        fn verifier_text_and_back(name in r"[^\s+\x00-\x1f\x7f-\x9f]{1,20}", key: [u8; 32]) {
            let verifier = Verifier::new(&name, VerifyingKey::from_bytes(key)).unwrap();
            let text = verifier.to_string();
            prop_assert_eq!(text.parse(), Ok(verifier));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes: Vec<u8>, text in "(.|\n){0,60}") {
            let verifier: Verifier = PUBLIC.parse().unwrap();
            prop_assert!(verify(&bytes, &verifier).is_err());
            prop_assert!(verify(text.as_bytes(), &verifier).is_err());
            let _ = (text.parse::<Checkpoint>(), text.parse::<Verifier>());
        }
    }
}
