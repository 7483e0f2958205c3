//! A value on its way into an SQL statement. Typed also when it is null, because PostgreSQL asks.

use jiff::Timestamp;

/// One parameter of a statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text without NUL.
    Text(Option<String>),
    /// 64-bit whole number; instants are microseconds since 1970 in UTC.
    Int(Option<i64>),
    /// Floating point, for coordinates.
    Real(Option<f64>),
    /// Yes or no.
    Bool(Option<bool>),
    /// Bytes.
    Bytes(Option<Vec<u8>>),
}

macro_rules! from {
    ($($type:ty => $arm:ident, $map:expr;)*) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self { Value::$arm(Some(($map)(value))) }
        }
        impl From<Option<$type>> for Value {
            fn from(value: Option<$type>) -> Self { Value::$arm(value.map($map)) }
        }
    )*};
}

from! {
    String => Text, |v| v;
    &str => Text, |v: &str| v.to_owned();
    &String => Text, |v: &String| v.clone();
    i64 => Int, |v| v;
    i32 => Int, i64::from;
    u32 => Int, i64::from;
    u16 => Int, i64::from;
    f64 => Real, |v| v;
    bool => Bool, |v| v;
    Vec<u8> => Bytes, |v| v;
    &[u8] => Bytes, |v: &[u8]| v.to_vec();
    Timestamp => Int, |v: Timestamp| v.as_microsecond();
}
impl<const N: usize> From<[u8; N]> for Value {
    fn from(value: [u8; N]) -> Self {
        Value::Bytes(Some(value.to_vec()))
    }
}
impl<const MIN: usize, const MAX: usize> From<crate::Text<MIN, MAX>> for Value {
    fn from(value: crate::Text<MIN, MAX>) -> Self {
        Value::Text(Some(value.into()))
    }
}
impl<const MIN: usize, const MAX: usize> From<&crate::Text<MIN, MAX>> for Value {
    fn from(value: &crate::Text<MIN, MAX>) -> Self {
        Value::Text(Some(value.as_str().to_owned()))
    }
}
impl From<&crate::Email> for Value {
    fn from(value: &crate::Email) -> Self {
        Value::Text(Some(value.as_str().to_owned()))
    }
}
impl From<crate::Lang> for Value {
    fn from(value: crate::Lang) -> Self {
        Value::Text(Some(value.code().to_owned()))
    }
}
