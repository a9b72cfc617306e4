//! TLS of the commands that call a hub: whom they believe, and the client certificate that their token is
//! bound to (RFC 8705). The same is shown to the issuer, which binds tokens to it.

use egress::{Identity, Rules};

use crate::cli::TlsArgs;
use crate::config::{read_secret, read_text};
use crate::failure::Failure;

/// Rules for these origins, under these certificates.
pub fn rules(args: &TlsArgs, allow: Vec<String>) -> Result<Rules, Failure> {
    let usage = |option: &str, why: &dyn std::fmt::Display| Failure::Usage(format!("--{option}: {why}"));
    let public = |option: &str, path: &std::path::Path| {
        read_text(path).map_err(|error| usage(option, &format_args!("{}: {error}", path.display())))
    };
    let extra_roots_pem = args.ca.as_deref().map(|path| public("ca", path)).transpose()?;
    let identity = match (&args.cert, &args.key) {
        (Some(certificate), Some(key)) => {
            let fix = "name the file of the certificate's private key";
            let key_pem = read_secret(key, fix).map_err(|fault| usage("key", &fault))?.to_string();
            Some(Identity { certificate_pem: public("cert", certificate)?, key_pem })
        }
        _ => None,
    };
    Ok(Rules { allow, loopback_http: true, extra_roots_pem, identity, ..Rules::default() })
}
