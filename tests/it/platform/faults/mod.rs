//! Temporary faults: what was broken for a moment works again without a restart, and whoever was
//! affected is told the cause.

mod collisions;
mod connections;
mod storage;
