//! The mails about accounts.

use crate::platform::mail::message::mail;

/// To somebody who has just signed up.
pub(super) struct Welcome {
    pub name: String,
    pub organization: String,
    pub organization_link: String,
    pub verify_link: String,
}

mail!(Welcome, "welcome", "mail/welcome.subject.txt", "mail/welcome.txt", "mail/welcome.html");

/// To the owner of an address that somebody has tried to sign up with.
pub(super) struct AlreadyRegistered {
    pub name: String,
    pub login_link: String,
    pub forgot_link: String,
}

mail!(
    AlreadyRegistered,
    "already_registered",
    "mail/already_registered.subject.txt",
    "mail/already_registered.txt",
    "mail/already_registered.html"
);

/// With a link to prove the address.
pub(super) struct Verify {
    pub name: String,
    pub verify_link: String,
}

mail!(Verify, "verify", "mail/verify.subject.txt", "mail/verify.txt", "mail/verify.html");

/// With a link to set a new password.
pub(super) struct Reset {
    pub name: String,
    pub reset_link: String,
}

mail!(Reset, "reset", "mail/reset.subject.txt", "mail/reset.txt", "mail/reset.html");

/// After a password was changed or set.
pub(super) struct PasswordChanged {
    pub name: String,
    pub when: String,
    pub forgot_link: String,
}

mail!(
    PasswordChanged,
    "password_changed",
    "mail/password_changed.subject.txt",
    "mail/password_changed.txt",
    "mail/password_changed.html"
);
