//! The client against servers that really listen.

use super::*;
