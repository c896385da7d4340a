//! What the platform knows of this feature.

use crate::platform::db::tables::tables;

tables! {
    "stopped_notices": "select, insert, delete", locked 210;
}
