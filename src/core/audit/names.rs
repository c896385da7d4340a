//! The names of what entries refer to by id.

use std::collections::HashMap;

use uuid::Uuid;

use super::model::EntryView;
use crate::platform::audit::Thing;
use crate::platform::db::statement::assembled_sql;
use crate::platform::tenant::OrgTx;

/// How many ids a statement looks up. A page seldom refers to more.
const SLOTS: usize = 24;

/// The names of members, and of things that every member may see, among the ids `$2` to `$25`.
fn names() -> String {
    let slots: Vec<_> = (0..SLOTS).map(|slot| format!("${}", slot + 2)).collect();
    let slots = slots.join(", ");
    let members = format!(
        "select m.id, u.name from memberships m
         join users u on u.id = m.user_id
         where m.organization_id = $1 and m.id in ({slots})"
    );
    let things = Thing::all().into_iter().filter_map(|thing| thing.names);
    let things = things.map(|names| format!(" union all {names} and thing.id in ({slots})"));
    [members].into_iter().chain(things).collect()
}

assembled_sql! {
    static NAMES = names();
}

/// Writes the names of what `entries` refer to in the place of ids.
pub(super) async fn fill_in(tx: &mut OrgTx, entries: &mut [EntryView]) -> Result<(), sqlx::Error> {
    let mut ids: Vec<Uuid> = entries.iter().flat_map(EntryView::references).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut names = HashMap::new();
    for ids in ids.chunks(SLOTS) {
        let mut query = tx.query(*NAMES);
        for slot in 0..SLOTS {
            query = query.bind(ids.get(slot).copied().unwrap_or_default());
        }
        names.extend(query.all::<(Uuid, String)>().await?);
    }
    for entry in entries {
        entry.read_changes(&names);
    }
    Ok(())
}
