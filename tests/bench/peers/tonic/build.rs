// SPDX-License-Identifier: Apache-2.0

fn main() -> std::io::Result<()> {
    let protos = "../../../../proto";
    tonic_prost_build::configure()
        .build_client(false)
        .compile_protos(
            &[format!("{protos}/uid2/identity/v1/identity_service.proto")],
            &[protos.to_string()],
        )
}
