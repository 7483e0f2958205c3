//! Whether others can read what we write.

mod second_reader;
