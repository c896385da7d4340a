//! Faults that pass: what was broken for a moment works again without a restart, and whoever was
//! there at that moment is told what it was.

mod collisions;
mod connections;
mod storage;
