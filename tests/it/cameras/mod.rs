//! Cameras from outside: simulated cameras, an agent and a hub, each a process of its own, and somebody who looks.

mod away;
mod end_to_end;
mod kills;
mod peers;
mod revoked;
mod world;
