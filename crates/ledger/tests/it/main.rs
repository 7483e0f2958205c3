//! Whether others can read what we write, and whether what is stored holds.

mod second_reader;
mod stored;
