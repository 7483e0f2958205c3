//! Declarations of personal data, the record of processing, deletion clocks.
