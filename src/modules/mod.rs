//! What organizations work with: each module is a few features that belong together.

pub mod work;
