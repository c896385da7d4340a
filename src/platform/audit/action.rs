//! What can be done: one word for the database and the address, one phrase for people.

/// Declares the actions.
macro_rules! actions {
    ($($name:ident = $word:literal, $phrase:literal;)+) => {
        /// Something that is recorded.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "each has its phrase beside it")]
        pub enum Action {
            $($name,)+
        }

        impl Action {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The word that the database and the address hold.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)+ }
            }

            /// What somebody did, as it follows their name and precedes the object's.
            pub const fn phrase(self) -> &'static str {
                match self { $(Self::$name => $phrase,)+ }
            }
        }
    };
}

actions! {
    // Accounts
    AccountCreated = "account.created", "signed up as";
    SignUpAsked = "account.sign_up_asked", "asked to sign up as";
    AccountChanged = "account.changed", "changed the profile of";
    PictureSet = "account.picture_set", "set the picture of";
    PictureRemoved = "account.picture_removed", "removed the picture of";
    AddressConfirmed = "account.address_confirmed", "confirmed the address of";
    AddressChangeAsked = "account.address_change_asked", "asked to change the address of";
    AddressChangeCalledOff = "account.address_change_called_off", "called off the change of the address of";
    AddressChanged = "account.address_changed", "changed the address of";
    AccountTakenBack = "account.taken_back", "took back the account";
    HelpAsked = "account.help_asked", "asked to remove the second factors of";
    HelpStopped = "account.help_stopped", "stopped the removal of the second factors of";
    HelpGiven = "account.help_given", "removed the second factors of";
    AddressRestored = "account.address_restored", "restored the address of";
    ConfirmationSent = "account.confirmation_sent", "asked to confirm the address of";
    PasswordChanged = "account.password_changed", "changed the password of";
    ResetAsked = "account.reset_asked", "asked for a new password for";
    ResetSent = "account.reset_sent", "sent a reset link to";
    ResetHandedOver = "account.reset_handed_over", "made a link to set a password for";
    AccountSuspended = "account.suspended", "suspended the account";
    AccountReactivated = "account.reactivated", "reactivated the account";
    PasswordReset = "account.password_reset", "set a new password for";
    FactorAdded = "account.factor_added", "added a second factor to";
    FactorRenamed = "account.factor_renamed", "renamed a second factor of";
    FactorRemoved = "account.factor_removed", "removed a second factor of";
    FactorUsed = "account.factor_used", "used a second factor of";
    RecoveryCodesMade = "account.recovery_codes_made", "made recovery codes for";
    RecoveryCodeUsed = "account.recovery_code_used", "used a recovery code of";
    PasskeyCounterFell = "account.passkey_counter_fell", "was refused with what may be a copy of a passkey of";
    AccountDeleted = "account.deleted", "deleted the account";
    SteppedUp = "sign_in.stepped_up", "confirmed to be";
    SignInStarted = "sign_in.started", "signed in as";
    SignInEnded = "sign_in.ended", "ended a sign-in of";
    SignInsEnded = "sign_in.all_ended", "ended all sign-ins of";
    BackupRestored = "installation.restored", "ended all that was open after restoring";
    MailSentAgain = "installation.mail_sent_again", "sent again";
    JobDoneAgain = "installation.job_done_again", "did again";
    SignInFailed = "sign_in.failed", "failed to sign in as";
    TryRefused = "sign_in.throttled", "tried too often:";
    GuessingTold = "sign_in.guessing_told", "warned of password guessing the owner of";
    AccessRefused = "access.refused", "was refused";
    // Organizations
    OrganizationCreated = "organization.created", "created the organization";
    OrganizationChanged = "organization.changed", "changed the settings of";
    OrganizationSuspended = "organization.suspended", "suspended the organization";
    OrganizationReactivated = "organization.reactivated", "reactivated the organization";
    OrganizationDeleted = "organization.deleted", "deleted the organization";
    // Members
    MemberJoined = "member.joined", "joined with";
    MemberRoleChanged = "member.role_changed", "changed the role of";
    MemberSuspended = "member.suspended", "suspended the member";
    MemberReactivated = "member.reactivated", "reactivated the member";
    MemberRemoved = "member.removed", "removed the member";
    MemberLeft = "member.left", "left";
    // Invitations
    InvitationSent = "invitation.sent", "invited";
    InvitationResent = "invitation.resent", "renewed the invitation of";
    InvitationReaddressed = "invitation.readdressed", "changed the address of the invitation to";
    InvitationChangeAsked = "invitation.change_asked", "asked to be invited instead of";
    InvitationRevoked = "invitation.revoked", "revoked the invitation of";
    InvitationDeclined = "invitation.declined", "declined the invitation of";
    // Operators
    FirstLinkPrinted = "operator.first_link_printed", "printed";
    OperatorGranted = "operator.granted", "granted operator rights to";
    OperatorRevoked = "operator.revoked", "revoked operator rights of";
    OperatorEntered = "operator.entered", "entered as operator";
    OperatorLeft = "operator.left", "left as operator";
    // The audit log itself
    AuditExported = "audit.exported", "exported";
    AuditErased = "audit.erased", "erased the details of";
    AuditPurged = "audit.purged", "removed the log of";
    // Clients
    ClientCreated = "client.created", "created the client";
    ClientChanged = "client.changed", "changed the client";
    ClientArchived = "client.archived", "archived the client";
    ClientUnarchived = "client.unarchived", "unarchived the client";
    ClientDeleted = "client.deleted", "deleted the client";
    ClientRestored = "client.restored", "restored the client";
    // Projects
    ProjectCreated = "project.created", "created the project";
    ProjectChanged = "project.changed", "changed the project";
    ProjectArchived = "project.archived", "archived the project";
    ProjectUnarchived = "project.unarchived", "unarchived the project";
    ProjectDeleted = "project.deleted", "deleted the project";
    ProjectRestored = "project.restored", "restored the project";
    ProjectMemberAdded = "project_member.added", "added the project member";
    ProjectMemberChanged = "project_member.changed", "changed the project role of";
    ProjectMemberRemoved = "project_member.removed", "removed the project member";
    // Tasks
    TaskCreated = "task.created", "created the task";
    TaskChanged = "task.changed", "changed the task";
    TaskMoved = "task.moved", "moved the task";
    TaskArchived = "task.archived", "archived the task";
    TaskUnarchived = "task.unarchived", "unarchived the task";
    TaskDeleted = "task.deleted", "deleted the task";
    TaskRestored = "task.restored", "restored the task";
    // Comments
    CommentCreated = "comment.created", "commented on";
    CommentChanged = "comment.changed", "changed a comment on";
    CommentDeleted = "comment.deleted", "deleted a comment on";
    CommentRestored = "comment.restored", "restored a comment on";
    // Saved filters
    FilterSaved = "filter.saved", "saved the filter";
    FilterDeleted = "filter.deleted", "deleted the filter";
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

impl std::str::FromStr for Action {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let known = Self::ALL.iter().copied().find(|action| action.word() == word);
        known.ok_or_else(|| format!("no action {word:?}"))
    }
}

crate::platform::db::text_column!(Action);
