//! Rows and values of the database, with the macros that derive them. The macros are named here because
//! those that `sqlx` re-exports bring both drivers along a second time, for the compiler to run.

pub use sqlx::{FromRow, Type};
pub use sqlx_macros::{FromRow, Type};
