//! What this feature declares to the platform.

use crate::platform::audit::actions;
use crate::platform::db::constraints::uniques;
use crate::platform::db::tables::tables;
use crate::platform::ids::id;

id!(
    /// A token for the holder of an account.
    AccountTokenId
);
id!(
    /// Something that was done to an account and reported to its owner.
    AccountActId
);
id!(
    /// Help for a person who has lost their second factors.
    AccountHelpId
);
id!(
    /// An earlier password of an account.
    FormerPasswordId
);
id!(
    /// A sign-up that waits for its link.
    SignUpId
);
id!(
    /// A change of an account's address.
    AddressChangeId
);

tables! {
    "users": "select, insert, update, delete", outside "select, insert, update, delete", locked 40;
    "sign_ins": "select, insert, update, delete", outside "select, insert, update, delete", locked 60;
    "account_tokens": "select, insert, update, delete", outside "select, insert, update, delete", locked 80;
    "address_changes": "select, insert, update, delete", outside "select, insert, update, delete", locked 120;
    "account_acts": "select, insert, update, delete", outside "select, insert, update, delete", locked 90;
    "former_passwords": "select, insert, delete", outside "select, insert, delete", locked 100;
    "account_helps": "select, insert, update, delete", outside "select, insert, update, delete", locked 110;
    "sign_ups": "select, insert, update, delete", outside "select, insert, update, delete", locked 20;
    "devices": "select, insert, update, delete", outside "select, insert, update, delete", locked 70;
}

uniques! {
    /// Each address belongs to one account.
    pub USER_EMAIL = "users_email_key" on "users.email";
}

actions! {
    pub(crate) ACCOUNT_CREATED = "account.created", "signed up as {}";
    pub(crate) SIGN_UP_ASKED = "account.sign_up_asked", "asked to sign up as {}";
    pub(crate) ACCOUNT_CHANGED = "account.changed", "changed the profile of {}";
    pub(crate) ADDRESS_CONFIRMED = "account.address_confirmed", "confirmed the address of {}";
    pub(crate) ADDRESS_CHANGE_ASKED = "account.address_change_asked", "asked to change the address of {}";
    pub(crate) ADDRESS_CHANGE_CALLED_OFF = "account.address_change_called_off", "cancelled the change of the address of {}";
    pub(crate) ADDRESS_CHANGED = "account.address_changed", "changed the address of {}";
    pub(crate) ACCOUNT_TAKEN_BACK = "account.taken_back", "took back the account {}";
    pub(crate) HELP_ASKED = "account.help_asked", "asked to remove the second factors of {}";
    pub(crate) HELP_STOPPED = "account.help_stopped", "stopped the removal of the second factors of {}";
    pub(crate) HELP_GIVEN = "account.help_given", "removed the second factors of {}";
    pub(crate) ADDRESS_RESTORED = "account.address_restored", "restored the address of {}";
    pub(crate) CONFIRMATION_SENT = "account.confirmation_sent", "asked to confirm the address of {}";
    pub(crate) PASSWORD_CHANGED = "account.password_changed", "changed the password of {}";
    pub(crate) RESET_ASKED = "account.reset_asked", "asked for a new password for {}";
    pub(crate) RESET_SENT = "account.reset_sent", "sent a reset link to {}";
    pub(crate) RESET_HANDED_OVER = "account.reset_handed_over", "created a link to set a password for {}";
    pub(crate) PASSWORD_RESET = "account.password_reset", "set a new password for {}";
    pub(crate) SIGN_IN_STARTED = "sign_in.started", "signed in as {}";
    pub(crate) SIGN_IN_FAILED = "sign_in.failed", "failed to sign in as {}";
    pub(crate) GUESSING_TOLD = "sign_in.guessing_told", "warned of password guessing: {}";
}
