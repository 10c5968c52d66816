// SPDX-License-Identifier: Apache-2.0

//! Seals requests to the operator and opens its replies: AES-256-GCM, in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};

const VERSION: u8 = 1;
const TIME_LEN: usize = 8;
const ECHO_LEN: usize = 8;
/// What comes before the JSON in the plaintext.
const HEAD_LEN: usize = TIME_LEN + ECHO_LEN;

/// Random bytes that the operator's reply repeats.
pub type Echo = [u8; ECHO_LEN];

pub struct Envelope {
    key: LessSafeKey,
    random: SystemRandom,
}

impl Envelope {
    pub fn new(secret: &[u8]) -> Result<Self, ring::error::Unspecified> {
        Ok(Self {
            key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, secret)?),
            random: SystemRandom::new(),
        })
    }

    /// Seals `json` for the operator. `now_ms` is Unix time.
    pub fn seal(
        &self,
        now_ms: u64,
        json: &[u8],
    ) -> Result<(String, Echo), ring::error::Unspecified> {
        let mut random = [0; NONCE_LEN + ECHO_LEN];
        self.random.fill(&mut random)?;
        let mut iv = [0; NONCE_LEN];
        let mut echo = [0; ECHO_LEN];
        iv.copy_from_slice(&random[..NONCE_LEN]);
        echo.copy_from_slice(&random[NONCE_LEN..]);

        let tag_len = AES_256_GCM.tag_len();
        let mut sealed = Vec::with_capacity(1 + NONCE_LEN + HEAD_LEN + json.len() + tag_len);
        sealed.push(VERSION);
        sealed.extend_from_slice(&iv);
        sealed.extend_from_slice(&now_ms.to_be_bytes());
        sealed.extend_from_slice(&echo);
        sealed.extend_from_slice(json);
        let tag = self.key.seal_in_place_separate_tag(
            Nonce::assume_unique_for_key(iv),
            Aad::empty(),
            &mut sealed[1 + NONCE_LEN..],
        )?;
        sealed.extend_from_slice(tag.as_ref());
        Ok((STANDARD.encode(&sealed), echo))
    }

    /// Opens the reply to the request with this `echo`. Returns its JSON, within `buffer`.
    pub fn open<'b>(&self, text: &[u8], echo: &Echo, buffer: &'b mut Vec<u8>) -> Option<&'b [u8]> {
        buffer.clear();
        STANDARD.decode_vec(text, buffer).ok()?;
        let (iv, sealed) = buffer.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(iv).ok()?;
        let plain = self.key.open_in_place(nonce, Aad::empty(), sealed).ok()?;
        let head = plain.get(..HEAD_LEN)?;
        if &head[TIME_LEN..] != echo {
            return None;
        }
        Some(&plain[HEAD_LEN..])
    }
}
