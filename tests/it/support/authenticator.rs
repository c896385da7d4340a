//! A virtual authenticator with a passkey: it signs whatever it is told to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::answer::Answer;

/// The authenticator, with one passkey.
#[derive(Clone)]
pub struct Authenticator {
    pub key: SigningKey,
    pub id: [u8; 16],
    pub handle: String,
    /// The signature counter that it reports.
    pub counter: u32,
    /// The origin that it reports.
    pub origin: String,
    /// Whether it reports that its owner has unlocked it.
    pub is_unlocked: bool,
}

/// WebAuthn's flags for present, unlocked and a new key.
const PRESENT: u8 = 1;
const UNLOCKED: u8 = 4;
const HAS_KEY: u8 = 64;

impl Authenticator {
    /// An authenticator that is used at `origin`.
    pub fn new(origin: &str) -> Self {
        Self {
            key: SigningKey::from_slice(&[7; 32]).unwrap(),
            id: *b"a-credential-id!",
            handle: String::new(),
            counter: 1,
            origin: origin.to_owned(),
            is_unlocked: true,
        }
    }

    /// Creates the passkey that a page asks for.
    pub fn make(&mut self, page: &Answer) -> String {
        let options = options(page);
        self.handle = options["user"]["id"].as_str().unwrap().to_owned();
        let mut data = self.data(&options["rp"]["id"], HAS_KEY);
        data.extend([0; 16]);
        data.extend((self.id.len() as u16).to_be_bytes());
        data.extend(self.id);
        data.extend(self.public_key());
        // {"fmt": "none", "attStmt": {}, "authData": …} in CBOR.
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(data);
        let client = self.client("webauthn.create", &options);
        self.answer(json!({
            "clientDataJSON": encode(&client),
            "attestationObject": encode(&attestation),
            "transports": ["internal"],
        }))
    }

    /// Answers the challenge of a page.
    pub fn show(&self, page: &Answer) -> String {
        let options = options(page);
        let data = self.data(&options["rpId"], 0);
        let client = self.client("webauthn.get", &options);
        let signed = [data.clone(), Sha256::digest(&client).to_vec()].concat();
        let signature: Signature = self.key.sign(&signed);
        self.answer(json!({
            "clientDataJSON": encode(&client),
            "authenticatorData": encode(&data),
            "signature": encode(signature.to_der().as_bytes()),
            "userHandle": self.handle,
        }))
    }

    fn answer(&self, response: Value) -> String {
        json!({
            "id": encode(&self.id),
            "rawId": encode(&self.id),
            "type": "public-key",
            "clientExtensionResults": {},
            "response": response,
        })
        .to_string()
    }

    fn data(&self, rp: &Value, more: u8) -> Vec<u8> {
        let unlocked = if self.is_unlocked { UNLOCKED } else { 0 };
        let mut data = Sha256::digest(rp.as_str().unwrap().as_bytes()).to_vec();
        data.push(PRESENT | unlocked | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = options["challenge"].as_str().unwrap();
        format!(
            r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{}","crossOrigin":false}}"#,
            self.origin
        )
        .into_bytes()
    }

    /// The key in COSE format: {1: 2, 3: -7, -1: 1, -2: x, -3: y} in CBOR.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_encoded_point(false);
        let mut key = vec![0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32];
        key.extend(point.x().unwrap());
        key.extend([0x22, 0x58, 32]);
        key.extend(point.y().unwrap());
        key
    }
}

/// The options in a page.
fn options(page: &Answer) -> Value {
    let options = page.attribute("form[data-passkey]", "data-options");
    let options: Value = serde_json::from_str(&options).unwrap_or_else(|_| panic!("{}", page.body));
    match options.get("publicKey") {
        Some(inner) => inner.clone(),
        None => options,
    }
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
