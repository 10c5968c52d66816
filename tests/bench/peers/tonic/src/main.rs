// SPDX-License-Identifier: Apache-2.0

//! GenerateIdentity in Rust, with tonic and hyper, for comparison. It does the same work for a call
//! as the service, without retries, throttling, admission, metrics and log.
//!
//!   tonic_peer OPERATOR_URL CREDENTIALS_DIR THREADS

use std::error::Error;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

mod envelope;
mod service;

// The comments of the proto are not written for Rust.
#[allow(clippy::doc_lazy_continuation)]
mod identity {
    tonic::include_proto!("uid2.identity.v1");
}

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn runtime(threads: usize) -> std::io::Result<Runtime> {
    if threads == 1 {
        return Builder::new_current_thread().enable_all().build();
    }
    Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
}

async fn serve(service: service::Service) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on {}", listener.local_addr()?);
    let mut stop = signal(SignalKind::terminate())?;
    Server::builder()
        .add_service(identity::identity_service_server::IdentityServiceServer::new(service))
        .serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            async move {
                stop.recv().await;
            },
        )
        .await?;
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, operator_url, credentials, threads] = &arguments[..] else {
        return Err("usage: tonic_peer OPERATOR_URL CREDENTIALS_DIR THREADS".into());
    };
    let read = |name| fs::read_to_string(Path::new(credentials).join(name));
    let secret = STANDARD.decode(read("client_secret")?.trim())?;
    let envelope = envelope::Envelope::new(&secret).map_err(|_| "the secret is not 32 bytes")?;
    let service = service::Service::new(operator_url, read("api_key")?.trim(), envelope)?;
    runtime(threads.parse()?)?.block_on(serve(service))
}
