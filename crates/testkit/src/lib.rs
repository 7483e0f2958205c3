//! For tests: whole server in process, simulated clock, both databases, mail and push catchers.
