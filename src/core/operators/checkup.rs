//! The doctor's checks of operators.

use crate::platform::App;
use crate::platform::checkup::Check;
use crate::platform::db::row::FromRow;
use crate::platform::db::statement::unscoped_sql;
use crate::platform::email::EmailAddress;
use crate::platform::error::Result;
use crate::platform::tenant::UnscopedTx;

const ABOUT: &str = "operators";

/// An operator who can sign in.
#[derive(FromRow)]
struct Operator {
    email: EmailAddress,
    is_verified: bool,
    has_factor: bool,
}

/// Checks, in a database that is up to date, whether there is an operator, and whether each has a
/// confirmed address and a second factor.
///
/// # Errors
/// Any error of the database.
pub async fn examine(app: &App) -> Result<Vec<Check>> {
    let mut tx = UnscopedTx::read(app).await?;
    let operators: Vec<Operator> = tx
        .query(unscoped_sql!(
            "select u.email, u.email_verified_at is not null as is_verified,
                    (exists (select 1 from totp_factors f
                             where f.user_id = u.id and f.confirmed_at is not null
                                    and f.removed_at is null)
                     or exists (select 1 from passkeys p
                                    where p.user_id = u.id and p.removed_at is null)) as has_factor
             from operators o
             join users u on u.id = o.user_id and u.suspended_at is null
             order by o.granted_at, u.email
             limit 10000"
        ))
        .all()
        .await?;
    let (granted,) = tx.query(unscoped_sql!("select count(*) from operators")).one().await?;
    tx.commit().await?;
    Ok(judge(&operators, granted))
}

fn judge(operators: &[Operator], granted: i64) -> Vec<Check> {
    if operators.is_empty() {
        return vec![match granted {
            0 => Check::warn(
                ABOUT,
                "There is none, so no one can help people or suspend harmful accounts.",
                "`tenantry operator first-link` prints a link for the first one; `tenantry \
                 operator grant ADDRESS` makes an existing account one.",
            ),
            _ => {
                Check::warn(ABOUT, "All of them are suspended.", "tenantry user reactivate ADDRESS")
            }
        }];
    }
    let those = |which: fn(&Operator) -> bool| -> Vec<&str> {
        operators.iter().filter(|operator| which(operator)).map(|one| one.email.as_str()).collect()
    };
    let mut checks = Vec::new();
    for unproved in those(|operator| !operator.is_verified) {
        checks.push(Check::warn(
            ABOUT,
            format!("The address {unproved} has not been confirmed."),
            format!(
                "Have the link that was emailed to it opened; if you know whose account it is: \
                 tenantry user confirm {unproved}"
            ),
        ));
    }
    for exposed in those(|operator| !operator.has_factor) {
        checks.push(Check::warn(
            ABOUT,
            format!(
                "{exposed} doesn't use two-factor authentication: the password alone opens \
                     every organization."
            ),
            "Set it up in the account, under Security.",
        ));
    }
    if checks.is_empty() {
        let count = operators.len();
        let are = if count == 1 { "There is one" } else { "There are several" };
        let what = format!(
            "{are} ({count}), each with a confirmed address and two-factor \
                            authentication."
        );
        checks.push(Check::ok(ABOUT, what));
    }
    checks
}
