//! Ending all visits of an operator.

use serde_json::json;

use super::model::object;
use super::sql;
use crate::core::operators::noun::OPERATOR_LEFT;
use crate::platform::App;
use crate::platform::audit::Entry;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::tenant::{UnscopedTx, running_visits};

/// Ends current visits, each in its own organization; waits for changes in progress there.
pub(in crate::core::operators) async fn end_all(
    app: &App,
    user: UserId,
    email: &EmailAddress,
) -> Result<usize> {
    let now = app.clock.now();
    let mut ended = 0;
    for visit in running_visits(app, user, email.clone(), now).await? {
        let mut tx = UnscopedTx::write(app).await?.enter(visit.organization_id).await?;
        if sql::end_visit(&mut tx, visit.id, now).await? {
            let object = object(visit.id, &visit.organization);
            let entry = Entry::new(OPERATOR_LEFT, object).person(user);
            tx.record(entry.after(json!({ "visit": visit.id })));
            ended += 1;
        }
        tx.commit().await?;
    }
    Ok(ended)
}
