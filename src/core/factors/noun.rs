//! What this feature declares to the platform.

use crate::platform::audit::actions;
use crate::platform::db::tables::tables;
use crate::platform::ids::id;

id!(
    /// An authenticator app of a person.
    TotpFactorId
);
id!(
    /// A recovery code of a person.
    RecoveryCodeId
);
id!(
    /// A passkey of a person.
    PasskeyId
);
id!(
    /// A pending sign-in, or a challenge for a passkey.
    ChallengeId
);

tables! {
    "totp_factors": "select, insert, update, delete", outside "select, insert, update, delete", locked 140;
    "recovery_codes": "select, insert, update, delete", outside "select, insert, update, delete", locked 160;
    "passkeys": "select, insert, update, delete", outside "select, insert, update, delete", locked 150;
    "spent_challenges": "select, insert, delete", outside "select, insert, delete", locked 130;
}

actions! {
    pub(crate) FACTOR_ADDED = "account.factor_added", "added a second factor to {}";
    pub(crate) FACTOR_RENAMED = "account.factor_renamed", "renamed a second factor of {}";
    pub(crate) FACTOR_REMOVED = "account.factor_removed", "removed a second factor of {}";
    pub(crate) FACTOR_USED = "account.factor_used", "used a second factor of {}";
    pub(crate) RECOVERY_CODES_MADE = "account.recovery_codes_made", "created recovery codes for {}";
    pub(crate) RECOVERY_CODE_USED = "account.recovery_code_used", "used a recovery code of {}";
    pub(crate) PASSKEY_COUNTER_FELL = "account.passkey_counter_fell", "was refused: possibly a copied passkey of {}";
    pub(crate) STEPPED_UP = "sign_in.stepped_up", "confirmed being {}";
}
