//! What organizations work with. Each module is a group of related features.

pub mod work;
