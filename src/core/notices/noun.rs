//! What this feature declares to the platform.

use crate::platform::db::tables::tables;

tables! {
    "stopped_notices": "select, insert, delete", locked 210;
}
