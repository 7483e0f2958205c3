//! Deterministic CBOR (RFC 8949, section 4.2.1): a writer that cannot fail, and a reader that takes one form.
//!
//! The reader knows definite lengths only and bounds each of them. It does not see whether a number was
//! written longer than needed or a map in another order; [`only_form`] does, by writing again what was read.

use base::Id;
use minicbor::data::{Tag, Type};
use minicbor::{Decoder, Encoder};

use crate::SealError;

type Into<'a> = Result<&'a mut Encoder<Vec<u8>>, Failure>;
type Failure = minicbor::encode::Error<std::convert::Infallible>;

/// Writes one item after the other.
pub(crate) struct Writer(Encoder<Vec<u8>>);

impl Writer {
    pub(crate) fn new() -> Self {
        Self(Encoder::new(Vec::new()))
    }

    fn put(
        &mut self,
        write: impl for<'a> FnOnce(&'a mut Encoder<Vec<u8>>) -> Into<'a>,
    ) -> &mut Self {
        write(&mut self.0).expect("writing to memory does not fail");
        self
    }

    pub(crate) fn map(&mut self, pairs: usize) -> &mut Self {
        self.put(|to| to.map(pairs as u64))
    }

    pub(crate) fn array(&mut self, items: usize) -> &mut Self {
        self.put(|to| to.array(items as u64))
    }

    pub(crate) fn tag(&mut self, tag: u64) -> &mut Self {
        self.put(|to| to.tag(Tag::new(tag)))
    }

    pub(crate) fn uint(&mut self, value: u64) -> &mut Self {
        self.put(|to| to.u64(value))
    }

    pub(crate) fn int(&mut self, value: i64) -> &mut Self {
        self.put(|to| to.i64(value))
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) -> &mut Self {
        self.put(|to| to.bytes(value))
    }

    pub(crate) fn text(&mut self, value: &str) -> &mut Self {
        self.put(|to| to.str(value))
    }

    pub(crate) fn null(&mut self) -> &mut Self {
        self.put(Encoder::null)
    }

    pub(crate) fn id(&mut self, id: impl Id) -> &mut Self {
        self.text(&id.to_string())
    }

    pub(crate) fn optional_id(&mut self, id: Option<impl Id>) -> &mut Self {
        match id {
            Some(id) => self.id(id),
            None => self.null(),
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0.into_writer()
    }
}

/// Reads one item after the other; whatever is not as wanted is [`SealError::Malformed`].
pub(crate) struct Reader<'b> {
    from: Decoder<'b>,
    what: &'static str,
}

impl<'b> Reader<'b> {
    /// A reader of `what`, which is at most `max` bytes long.
    pub(crate) fn new(bytes: &'b [u8], what: &'static str, max: usize) -> Result<Self, SealError> {
        if bytes.len() > max {
            return Err(SealError::TooLarge);
        }
        let from = Decoder::new(bytes);
        Ok(Self { from, what })
    }

    pub(crate) fn wrong(&self) -> SealError {
        SealError::Malformed(self.what)
    }

    fn take<T, E>(&self, read: Result<T, E>) -> Result<T, SealError> {
        read.map_err(|_| self.wrong())
    }

    /// A map of exactly so many pairs.
    pub(crate) fn map(&mut self, pairs: u64) -> Result<(), SealError> {
        let read = self.from.map();
        self.take(read)?
            .filter(|it| *it == pairs)
            .map(drop)
            .ok_or(self.wrong())
    }

    /// An array with a number of items in the range.
    pub(crate) fn array(&mut self, items: std::ops::RangeInclusive<u64>) -> Result<u64, SealError> {
        let read = self.from.array();
        self.take(read)?
            .filter(|it| items.contains(it))
            .ok_or(self.wrong())
    }

    /// An array of exactly so many items.
    pub(crate) fn items(&mut self, items: u64) -> Result<(), SealError> {
        self.array(items..=items).map(drop)
    }

    /// Exactly this number: a key of a map, a version, an algorithm.
    pub(crate) fn exactly(&mut self, wanted: i64) -> Result<(), SealError> {
        if self.int()? == wanted {
            Ok(())
        } else {
            Err(self.wrong())
        }
    }

    pub(crate) fn tag(&mut self, wanted: u64) -> Result<(), SealError> {
        let read = self.from.tag();
        if self.take(read)?.as_u64() == wanted {
            Ok(())
        } else {
            Err(self.wrong())
        }
    }

    pub(crate) fn uint(&mut self) -> Result<u64, SealError> {
        let read = self.from.u64();
        self.take(read)
    }

    /// A number at most as large as its type allows.
    pub(crate) fn number<T: TryFrom<u64>>(&mut self) -> Result<T, SealError> {
        let value = self.uint()?;
        self.take(T::try_from(value))
    }

    pub(crate) fn int(&mut self) -> Result<i64, SealError> {
        let read = self.from.i64();
        self.take(read)
    }

    pub(crate) fn bytes(&mut self, max: usize) -> Result<&'b [u8], SealError> {
        let read = self.from.bytes();
        let bytes = self.take(read)?;
        if bytes.len() > max {
            return Err(self.wrong());
        }
        Ok(bytes)
    }

    pub(crate) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], SealError> {
        let bytes = self.bytes(N)?;
        self.take(bytes.try_into())
    }

    pub(crate) fn text(&mut self, max: usize) -> Result<&'b str, SealError> {
        let read = self.from.str();
        let text = self.take(read)?;
        if text.len() > max {
            return Err(self.wrong());
        }
        Ok(text)
    }

    pub(crate) fn null(&mut self) -> Result<(), SealError> {
        let read = self.from.null();
        self.take(read)
    }

    pub(crate) fn id<T: Id>(&mut self) -> Result<T, SealError> {
        let text = self.text(64)?;
        self.take(text.parse())
    }

    pub(crate) fn optional_id<T: Id>(&mut self) -> Result<Option<T>, SealError> {
        if matches!(self.from.datatype(), Ok(Type::Null)) {
            self.null()?;
            return Ok(None);
        }
        self.id().map(Some)
    }

    /// Nothing may follow.
    pub(crate) fn end(&self) -> Result<(), SealError> {
        if self.from.position() == self.from.input().len() {
            Ok(())
        } else {
            Err(self.wrong())
        }
    }
}

/// Refuses bytes that say the same in another form than ours: one value, one sequence of bytes.
pub(crate) fn only_form(bytes: &[u8], ours: &[u8], what: &'static str) -> Result<(), SealError> {
    if bytes == ours {
        Ok(())
    } else {
        Err(SealError::Malformed(what))
    }
}
