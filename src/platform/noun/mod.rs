//! What people make, change, archive and delete: the shape that all of it has in common.

pub mod life;
