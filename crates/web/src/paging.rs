//! Lists in pieces: `?after=…&limit=50` in, `{items, next}` out. Keyset paging: nothing is counted or skipped.

use base::{Kind, Problem};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// One piece of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    /// The piece.
    pub items: Vec<T>,
    /// Hand this back as `after` to get the next piece; null when this was the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A list that is always given whole.
    pub fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// Which piece of a list is wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// The `next` of the piece before.
    pub after: Option<String>,
    /// How many at most, 1 to 200; 50 if not given.
    pub limit: Option<u32>,
}

const USUAL: u32 = 50;
const MOST: u32 = 200;

impl Paging {
    /// How many entries to show.
    pub fn limit(&self) -> u32 {
        self.limit.unwrap_or(USUAL).clamp(1, MOST)
    }

    /// How many rows to ask the database for: one more, which tells whether there is a next piece.
    pub fn fetch(&self) -> i64 {
        i64::from(self.limit()) + 1
    }

    /// The keys of the last entry of the piece before; `None` at the start of the list.
    pub fn after<const N: usize>(&self) -> Result<Option<[String; N]>, Problem> {
        self.after.as_deref().map(read_cursor).transpose()
    }

    /// Cuts the extra row off and makes a cursor of the keys of the last entry that is shown.
    pub fn cut<T, const N: usize>(
        &self,
        mut items: Vec<T>,
        keys: impl FnOnce(&T) -> [String; N],
    ) -> Page<T> {
        let most = self.limit() as usize;
        let more = items.len() > most;
        items.truncate(most);
        let next = items
            .last()
            .filter(|_| more)
            .map(|last| write_cursor(&keys(last)));
        Page { items, next }
    }
}

impl<T> Page<T> {
    /// The same piece in other words, for the wire.
    pub fn map<U>(self, into: impl FnMut(T) -> U) -> Page<U> {
        Page {
            items: self.items.into_iter().map(into).collect(),
            next: self.next,
        }
    }
}

const BETWEEN: &str = "\u{1f}";

fn write_cursor(keys: &[String]) -> String {
    seal::b64url_encode(keys.join(BETWEEN).as_bytes())
}

fn read_cursor<const N: usize>(text: &str) -> Result<[String; N], Problem> {
    let wrong = || {
        let detail = "after: not the `next` of an earlier piece";
        Problem::new(Kind::Invalid, "malformed_cursor", detail)
    };
    if text.len() > 512 {
        return Err(wrong());
    }
    let bytes = seal::b64url_decode(text).map_err(|_| wrong())?;
    let text = String::from_utf8(bytes).map_err(|_| wrong())?;
    if text.contains('\0') {
        return Err(wrong());
    }
    let keys: Vec<String> = text.split(BETWEEN).map(ToOwned::to_owned).collect();
    keys.try_into().map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pieces_follow_each_other() {
        let paging = Paging {
            after: None,
            limit: Some(2),
        };
        assert_eq!(paging.fetch(), 3);
        let page = paging.cut(vec![1, 2, 3], |n| [n.to_string()]);
        assert_eq!(page.items, [1, 2]);
        let next = Paging {
            after: page.next,
            limit: Some(2),
        };
        assert_eq!(next.after::<1>().unwrap(), Some(["2".to_owned()]));
        assert!(next.after::<2>().is_err());
        let page = next.cut(vec![3], |n| [n.to_string()]);
        assert_eq!((page.items, page.next), (vec![3], None));
    }

    #[test]
    fn limits_are_bounded() {
        let with = |limit| Paging { after: None, limit }.limit();
        assert_eq!((with(None), with(Some(0)), with(Some(9999))), (50, 1, 200));
    }

    proptest! {
        #[test]
        fn cursors_come_back(a in "[^\u{0}\u{1f}]{0,40}", b in "[^\u{0}\u{1f}]{0,40}") {
            let keys = [a, b];
            prop_assert_eq!(read_cursor::<2>(&write_cursor(&keys)).unwrap(), keys);
        }

        #[test]
        fn any_cursor_is_read_without_panic(text: String) {
            let _ = read_cursor::<2>(&text);
        }
    }
}
