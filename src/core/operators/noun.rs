//! What this feature declares to the platform.

use crate::platform::audit::{Shown, actions, fields, kinds};
use crate::platform::db::tables::tables;

kinds! {
    /// A visit of an operator to the organization.
    pub VISIT_KIND = "operator_visit", Some("Operator visits");
}

tables! {
    "first_links": "select, insert, update, delete", outside "select, insert, update, delete", locked 30;
    "operators": "select, insert, delete", outside "select, insert, delete", locked 50;
    "operator_visits": "select, insert, update", outside "select", locked 190;
}

actions! {
    pub(crate) ACCOUNT_SUSPENDED = "account.suspended", "suspended the account {}";
    pub(crate) ACCOUNT_REACTIVATED = "account.reactivated", "reactivated the account {}";
    pub(crate) SIGN_INS_ENDED = "sign_in.all_ended", "ended all sign-ins of {}";
    pub(crate) BACKUP_RESTORED = "installation.restored", "ended everything open after restoring {}";
    pub(crate) MAIL_SENT_AGAIN = "installation.mail_sent_again", "resent {}";
    pub(crate) JOB_DONE_AGAIN = "installation.job_done_again", "retried {}";
    pub(crate) ORGANIZATION_SUSPENDED = "organization.suspended", "suspended the organization {}";
    pub(crate) ORGANIZATION_REACTIVATED = "organization.reactivated", "reactivated the organization {}";
    pub(crate) FIRST_LINK_PRINTED = "operator.first_link_printed", "printed {}";
    pub(crate) OPERATOR_GRANTED = "operator.granted", "granted operator rights to {}";
    pub(crate) OPERATOR_REVOKED = "operator.revoked", "revoked operator rights from {}";
    pub(crate) OPERATOR_ENTERED = "operator.entered", "entered {} as an operator";
    pub(crate) OPERATOR_LEFT = "operator.left", "left {} as an operator";
}

fields! {
    "visit": Shown::Never;
}
