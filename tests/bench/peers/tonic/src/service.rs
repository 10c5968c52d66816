// SPDX-License-Identifier: Apache-2.0

//! The method that is measured: seal, POST, open, parse, answer.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, Request as HttpRequest, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use ring::digest::{SHA256, digest};
use serde::Deserialize;
use serde_json::value::RawValue;
use tonic::{Request, Response, Status};

use crate::envelope::Envelope;
use crate::identity::identity_service_server::IdentityService;
use crate::identity::{
    GenerateIdentityRequest, GenerateIdentityResponse, Identity, RefreshIdentityRequest,
    RefreshIdentityResponse, generate_identity_response::Outcome,
};

const MAX_REPLY_BYTES: usize = 65_536;

pub struct Service {
    client: Client<HttpConnector, Full<Bytes>>,
    url: Uri,
    authorization: HeaderValue,
    envelope: Envelope,
}

#[derive(Deserialize)]
struct Reply<'a> {
    status: &'a str,
    #[serde(borrow)]
    body: &'a RawValue,
}

#[derive(Deserialize)]
struct Body<'a> {
    advertising_token: &'a str,
    refresh_token: &'a str,
    refresh_response_key: &'a str,
    identity_expires: i64,
    refresh_from: i64,
    refresh_expires: i64,
}

impl Service {
    pub fn new(operator_url: &str, api_key: &str, envelope: Envelope) -> Result<Self, http::Error> {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let mut authorization = HeaderValue::try_from(format!("Bearer {api_key}"))?;
        authorization.set_sensitive(true);
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).build(connector),
            url: format!("{operator_url}/v2/token/generate").try_into()?,
            authorization,
            envelope,
        })
    }

    /// Posts `body`, and returns the body of a reply with status 200.
    async fn post(&self, body: String) -> Result<Bytes, Status> {
        let request = HttpRequest::builder()
            .method(Method::POST)
            .uri(self.url.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, HeaderValue::from_static("text/plain"))
            .header(
                HeaderName::from_static("x-uid2-client-version"),
                HeaderValue::from_static("bench"),
            )
            .body(Full::from(body))
            .map_err(|error| Status::internal(error.to_string()))?;
        let unavailable = |error: &dyn std::error::Error| Status::unavailable(error.to_string());
        let reply = self.client.request(request).await;
        let reply = reply.map_err(|error| unavailable(&error))?;
        if reply.status() != StatusCode::OK {
            return Err(Status::unavailable(format!(
                "the operator answered {}",
                reply.status()
            )));
        }
        let body = Limited::new(reply.into_body(), MAX_REPLY_BYTES)
            .collect()
            .await;
        Ok(body.map_err(|error| unavailable(&*error))?.to_bytes())
    }
}

/// Removes what does not distinguish mailboxes: case, and what Gmail ignores.
fn normalized(email: &str) -> Result<String, Status> {
    let email = email.trim().to_ascii_lowercase();
    let (user, domain) = email
        .split_once('@')
        .filter(|(user, domain)| !user.is_empty() && domain.contains('.') && !domain.contains('@'))
        .ok_or_else(|| Status::invalid_argument("email is not valid"))?;
    if domain != "gmail.com" {
        return Ok(email);
    }
    let user = user.split('+').next().unwrap_or_default().replace('.', "");
    Ok(format!("{user}@gmail.com"))
}

fn answer(json: &[u8]) -> Result<GenerateIdentityResponse, Status> {
    let malformed =
        |error: serde_json::Error| Status::internal(format!("the reply is not valid: {error}"));
    let reply: Reply = serde_json::from_slice(json).map_err(malformed)?;
    if reply.status != "success" {
        return Err(Status::internal("the operator did not issue an identity"));
    }
    let body: Body = serde_json::from_str(reply.body.get()).map_err(malformed)?;
    Ok(GenerateIdentityResponse {
        outcome: Outcome::Issued.into(),
        identity: Some(Identity {
            advertising_token: body.advertising_token.to_owned(),
            refresh_token: body.refresh_token.to_owned(),
            refresh_response_key: body.refresh_response_key.to_owned(),
            identity_expires: body.identity_expires,
            refresh_from: body.refresh_from,
            refresh_expires: body.refresh_expires,
            json: reply.body.get().to_owned(),
        }),
    })
}

#[tonic::async_trait]
impl IdentityService for Service {
    async fn generate_identity(
        &self,
        request: Request<GenerateIdentityRequest>,
    ) -> Result<Response<GenerateIdentityResponse>, Status> {
        let email = normalized(&request.get_ref().email)?;
        let hash = STANDARD.encode(digest(&SHA256, email.as_bytes()));
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now_ms = now.map_err(|error| Status::internal(error.to_string()))?;
        let (body, echo) = self
            .envelope
            .seal(
                now_ms.as_millis() as u64,
                format!(r#"{{"email_hash":"{hash}"}}"#).as_bytes(),
            )
            .map_err(|_| Status::internal("cannot seal the request"))?;
        let reply = self.post(body).await?;
        let mut buffer = Vec::with_capacity(reply.len());
        let json = self
            .envelope
            .open(&reply, &echo, &mut buffer)
            .ok_or_else(|| Status::internal("cannot open the reply"))?;
        Ok(Response::new(answer(json)?))
    }

    async fn refresh_identity(
        &self,
        _: Request<RefreshIdentityRequest>,
    ) -> Result<Response<RefreshIdentityResponse>, Status> {
        Err(Status::unimplemented("only GenerateIdentity is compared"))
    }
}
