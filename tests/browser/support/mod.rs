//! What the tests stand on: the program, a driver for browsers, and profiles, each of which is a
//! browser that shares nothing with the others.

mod cdp;
mod driver;
mod mailbox;
mod people;
mod process;
mod profile;
mod program;
mod world;

pub use mailbox::link_in;
pub use people::{PASSWORD, email_of};
pub use profile::Profile;
pub use world::World;
