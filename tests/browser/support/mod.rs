//! Support for the tests: the program, a driver for browsers, and profiles, which are browsers that
//! share nothing with each other.

mod cdp;
mod driver;
mod mailbox;
mod people;
mod process;
mod profile;
mod program;
mod proxy;
mod world;

pub use mailbox::link_in;
pub use people::{PASSWORD, email_of};
pub use profile::Profile;
pub use world::World;
