//! The keys of clients. Clients that are not deleted must have different keys, so the later of two
//! gets a number appended to its key.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::platform::db::Tx;
use crate::platform::db::statement::sql;
use crate::platform::ids::OrganizationId;
use crate::platform::text::{name_key, search_key};

/// A client as it is read here: id, name, searched text, both keys, and whether it is deleted.
type Client = (Uuid, String, String, String, String, bool);

/// Gives clients their keys; returns those whose name now counts as that of an earlier one.
pub(super) async fn clients(
    tx: &mut Tx,
    id: OrganizationId,
) -> Result<Vec<(Uuid, String)>, sqlx::Error> {
    let rows: Vec<Client> = tx
        .tenant_query(sql!(
            "select id, name, name || '\n' || contact || '\n' || email, name_key, search_key,
                deleted_at is not null
             from clients where organization_id = $1 order by created_at, id"
        ))
        .bind(id)
        .all()
        .await?;
    let (keys, clashing) = distinct_keys(&rows);
    let is_wrong = |(row, _, searched, name, search, _): &&Client| {
        keys.get(row) != Some(name) || search_key(searched) != *search
    };
    let wrong: Vec<&Client> = rows.iter().filter(is_wrong).collect();
    // Until all clients have their new keys, one of them may still have a key that another needs.
    for (row, ..) in &wrong {
        set_client(tx, id, *row, &format!("\u{1}{row}"), "").await?;
    }
    for (row, _, searched, ..) in wrong {
        let key = keys.get(row).map_or("", String::as_str);
        set_client(tx, id, *row, key, &search_key(searched)).await?;
    }
    Ok(clashing)
}

/// A key for each client, and the clients that got a number appended: among clients that are not
/// deleted, the earliest one has the key itself.
fn distinct_keys(rows: &[Client]) -> (HashMap<Uuid, String>, Vec<(Uuid, String)>) {
    let (mut keys, mut clashing) = (HashMap::new(), Vec::new());
    let mut taken = HashSet::new();
    for (row, name, _, _, _, is_deleted) in rows {
        let key = name_key(name);
        if *is_deleted || taken.insert(key.clone()) {
            keys.insert(*row, key);
        } else {
            clashing.push((*row, name.clone()));
        }
    }
    for (row, name) in &clashing {
        let key = name_key(name);
        let free = (2..).map(|number| format!("{key} ({number})")).find(|key| !taken.contains(key));
        let free = free.unwrap_or_default();
        taken.insert(free.clone());
        keys.insert(*row, free);
    }
    (keys, clashing)
}

async fn set_client(
    tx: &mut Tx,
    id: OrganizationId,
    row: Uuid,
    name: &str,
    search: &str,
) -> Result<(), sqlx::Error> {
    tx.tenant_query(sql!(
        "update clients set name_key = $3, search_key = $4 where organization_id = $1 and id = $2"
    ))
    .bind(id)
    .bind(row)
    .bind(name)
    .bind(search)
    .execute()
    .await?;
    Ok(())
}
