//! The emails about accounts.

use crate::platform::App;
use crate::platform::mail::Quoted;
use crate::platform::mail::message::mail;

/// To a person who has just signed up.
pub(super) struct Welcome {
    pub name: Quoted,
    /// The organization that they created, if any.
    pub organization: Option<Quoted>,
    /// A link to the organization, or to where they can start.
    pub link: String,
    /// A link to confirm the address; `None` if it is confirmed.
    pub verify_link: Option<String>,
}

mail!(
    Welcome,
    "welcome",
    "platform/mail/welcome.subject.txt",
    "platform/mail/welcome.txt",
    "platform/mail/welcome.html"
);

/// To a person who wants to sign up where the address has to be confirmed first.
pub(super) struct FinishSignUp {
    pub name: Quoted,
    pub organization: Option<Quoted>,
    pub link: String,
}

mail!(
    FinishSignUp,
    "finish_sign_up",
    "platform/mail/finish_sign_up.subject.txt",
    "platform/mail/finish_sign_up.txt",
    "platform/mail/finish_sign_up.html"
);

/// To the owner of an address with which somebody has tried to sign up.
pub(super) struct AlreadyRegistered {
    pub name: String,
    pub login_link: String,
    pub forgot_link: String,
}

impl AlreadyRegistered {
    pub fn new(app: &App, name: String) -> Self {
        let (login_link, forgot_link) =
            (app.config.link("/login"), app.config.link("/password/forgot"));
        Self { name, login_link, forgot_link }
    }
}

mail!(
    AlreadyRegistered,
    "already_registered",
    "platform/mail/already_registered.subject.txt",
    "platform/mail/already_registered.txt",
    "platform/mail/already_registered.html"
);

/// Contains a link to confirm the address.
pub(super) struct Verify {
    pub name: String,
    pub verify_link: String,
}

mail!(
    Verify,
    "verify",
    "platform/mail/verify.subject.txt",
    "platform/mail/verify.txt",
    "platform/mail/verify.html"
);

/// Contains a link to set a new password.
pub(super) struct Reset {
    pub name: String,
    pub reset_link: String,
}

mail!(
    Reset,
    "reset",
    "platform/mail/reset.subject.txt",
    "platform/mail/reset.txt",
    "platform/mail/reset.html"
);

/// After a password was changed or set.
pub(super) struct PasswordChanged {
    pub name: String,
    pub when: String,
    /// The browser and network address it was done from.
    pub origin: String,
    /// A link to say "this was not me"; `None` if the address was never confirmed.
    pub not_me_link: Option<String>,
    pub forgot_link: String,
}

mail!(
    PasswordChanged,
    "password_changed",
    "platform/mail/password_changed.subject.txt",
    "platform/mail/password_changed.txt",
    "platform/mail/password_changed.html"
);

/// The last email, after the account was deleted.
pub(crate) struct AccountDeleted {
    pub name: String,
    pub when: String,
}

mail!(
    AccountDeleted,
    "account_deleted",
    "platform/mail/account_deleted.subject.txt",
    "platform/mail/account_deleted.txt",
    "platform/mail/account_deleted.html"
);

/// After a sign-in in a browser that is new to the account, or after several failed attempts.
pub(super) struct SignedIn {
    pub name: String,
    /// Whether the browser is new to the account.
    pub is_new: bool,
    /// The number of failed attempts before it; 0 if there were only few.
    pub failures: i64,
    pub browser: String,
    pub address: String,
    pub when: String,
    pub sign_ins_link: String,
    pub forgot_link: String,
}

mail!(
    SignedIn,
    "signed_in",
    "platform/mail/signed_in.subject.txt",
    "platform/mail/signed_in.txt",
    "platform/mail/signed_in.html"
);

/// After as many wrong passwords as an account allows.
pub(super) struct PasswordGuessing {
    pub name: String,
    pub when: String,
    pub security_link: String,
    pub forgot_link: String,
}

mail!(
    PasswordGuessing,
    "password_guessing",
    "platform/mail/password_guessing.subject.txt",
    "platform/mail/password_guessing.txt",
    "platform/mail/password_guessing.html"
);

/// Contains a link to confirm a new address for the account.
pub(crate) struct ConfirmAddress {
    pub name: Quoted,
    pub confirm_link: String,
}

mail!(
    ConfirmAddress,
    "confirm_address",
    "platform/mail/confirm_address.subject.txt",
    "platform/mail/confirm_address.txt",
    "platform/mail/confirm_address.html"
);

/// To the owner of an address that somebody wants for another account.
pub(super) struct AddressTaken {
    pub name: String,
    pub login_link: String,
}

mail!(
    AddressTaken,
    "address_taken",
    "platform/mail/address_taken.subject.txt",
    "platform/mail/address_taken.txt",
    "platform/mail/address_taken.html"
);

/// After an account was taken back, to the address that it has again and the one that it had.
pub(super) struct TakenBack {
    pub name: String,
    pub since: String,
    pub when: String,
    /// The browser and network address it was done from.
    pub origin: String,
    /// Whether the account still asks for factors that open nothing.
    pub is_frozen: bool,
    pub forgot_link: String,
}

mail!(
    TakenBack,
    "taken_back",
    "platform/mail/taken_back.subject.txt",
    "platform/mail/taken_back.txt",
    "platform/mail/taken_back.html"
);

/// Before the second factors of a person who is said to have lost them are removed.
pub(super) struct HelpAsked {
    pub name: String,
    /// The operator's words.
    pub reason: String,
    /// When they are removed.
    pub due: String,
    pub stop_link: String,
}

mail!(
    HelpAsked,
    "help_asked",
    "platform/mail/help_asked.subject.txt",
    "platform/mail/help_asked.txt",
    "platform/mail/help_asked.html"
);

/// After their removal was stopped.
pub(super) struct HelpStopped {
    pub name: String,
    pub when: String,
}

mail!(
    HelpStopped,
    "help_stopped",
    "platform/mail/help_stopped.subject.txt",
    "platform/mail/help_stopped.txt",
    "platform/mail/help_stopped.html"
);

/// After they were removed.
pub(super) struct HelpDone {
    pub name: String,
    /// The operator's words.
    pub reason: String,
    pub when: String,
    pub not_me_link: Option<String>,
    pub forgot_link: String,
}

mail!(
    HelpDone,
    "help_done",
    "platform/mail/help_done.subject.txt",
    "platform/mail/help_done.txt",
    "platform/mail/help_done.html"
);

/// To the old address, after it was replaced.
pub(crate) struct AddressChanged {
    pub name: String,
    pub new: String,
    pub when: String,
    pub undo_link: Option<String>,
}

mail!(
    AddressChanged,
    "address_changed",
    "platform/mail/address_changed.subject.txt",
    "platform/mail/address_changed.txt",
    "platform/mail/address_changed.html"
);

/// After an operator has done something to the account.
pub(super) struct Notice {
    pub subject: &'static str,
    pub name: String,
    /// A complete sentence.
    pub what: String,
    /// What the person can do now.
    pub after: &'static str,
    pub when: String,
    pub login_link: String,
}

mail!(
    Notice,
    "account_notice",
    "platform/mail/account_notice.subject.txt",
    "platform/mail/account_notice.txt",
    "platform/mail/account_notice.html"
);
