//! Accounts that an operator creates for somebody, and links to set a password that the operator
//! hands over. The operator never knows a password.

use serde_json::json;

use super::sql;
use super::tokens;
use crate::core::accounts::noun::{ACCOUNT_CREATED, RESET_HANDED_OVER};
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::ids::UserId;
use crate::platform::tenant::UnscopedTx;

/// Creates an account without a password, in the caller's transaction. `is_confirmed` says whether
/// the operator vouches for the address.
///
/// # Errors
/// A violation of [`USER_EMAIL`](crate::platform::db::constraints::USER_EMAIL) when the address has
/// an account.
pub(crate) async fn make_account(
    tx: &mut UnscopedTx,
    name: &str,
    email: &EmailAddress,
    is_confirmed: bool,
) -> Result<UserId> {
    let (id, now) = (UserId::new(), tx.now());
    // No password matches an empty hash, so nobody can sign in before one is set.
    sql::insert_user(tx, id, name, email, "", is_confirmed.then_some(now), now).await?;
    let entry = super::entry(ACCOUNT_CREATED, id, email);
    let by = "the operator of the installation";
    tx.record(entry.after(json!({ "made_by": by, "address_confirmed": is_confirmed })));
    Ok(id)
}

/// Makes a link to set the password of an account, in the caller's transaction; `None` if there
/// were too many within an hour. Anyone who has it can set the password, so it does not confirm the
/// address.
pub(crate) async fn hand_over_link(
    tx: &mut UnscopedTx,
    user: UserId,
    email: &EmailAddress,
) -> Result<Option<String>> {
    let Some(token) = tokens::hand_over(tx, user, email).await? else {
        return Ok(None);
    };
    tx.record(super::entry(RESET_HANDED_OVER, user, email));
    Ok(Some(tx.app().config.link(&format!("/password/reset/{}", token.expose()))))
}
