//! HTTP clients: TLS set up only where it is used, connections bounded, redirects left to the caller.

use std::time::Duration;

use reqwest::{Certificate, Client, redirect};
use url::{Host, Url};

use crate::config::{ConfigError, Identity, Tls, read_limited};

/// Requests under way at the same time to one server, and connections kept for them.
pub const CONNECTIONS_LIMIT: usize = 8;

/// Longest wait for a connection; a query's own timeout may be shorter.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an idle connection is kept; most servers and proxies keep it for a minute or longer.
const IDLE_TIMEOUT: Duration = Duration::from_secs(55);

/// Largest PEM file that is read.
const PEM_LIMIT_BYTES: u64 = 4 << 20;

/// A client for `http://` addresses. It knows no authorities, so it needs no CA files on the host and no memory
/// for them; an `https://` address would be refused as signed by an unknown authority.
pub fn plain() -> Result<Client, ConfigError> {
    finish(builder().tls_certs_only([]))
}

/// As [`plain`], for servers on this machine: no proxy stands between.
pub fn loopback() -> Result<Client, ConfigError> {
    finish(builder().tls_certs_only([]).no_proxy())
}

/// Whether an address is on this machine, whatever proxy the environment names.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// A client for `https://` addresses, with the authorities that `tls` or else the system names.
pub fn tls(tls: &Tls) -> Result<Client, ConfigError> {
    let mut builder = builder();
    if tls.insecure_skip_verify {
        builder = builder.tls_certs_only([]).tls_danger_accept_invalid_certs(true);
    } else if let Some(path) = &tls.ca_file {
        let pem = read_limited("CA file", path, PEM_LIMIT_BYTES)?;
        let certificates = Certificate::from_pem_bundle(pem.as_bytes()).unwrap_or_default();
        if certificates.is_empty() {
            let cause = "holds no PEM certificate (-----BEGIN CERTIFICATE-----)".to_owned();
            return Err(ConfigError::File { what: "CA file", path: path.clone(), cause });
        }
        builder = builder.tls_certs_only(certificates);
    }
    if let Some(Identity { cert_file, key_file }) = &tls.identity {
        let mut pem = read_limited("client certificate", cert_file, PEM_LIMIT_BYTES)?;
        pem.push('\n');
        pem.push_str(&read_limited("client key", key_file, PEM_LIMIT_BYTES)?);
        let identity = reqwest::Identity::from_pem(pem.as_bytes()).map_err(|_| ConfigError::File {
            what: "client certificate",
            path: cert_file.clone(),
            cause: format!("with the key {} is no certificate and key in PEM", key_file.display()),
        })?;
        builder = builder.identity(identity);
    }
    finish(builder)
}

fn builder() -> reqwest::ClientBuilder {
    // reqwest is built without a crypto provider and panics when there is none. That one is set already is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("promscope/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .referer(false)
        .pool_max_idle_per_host(CONNECTIONS_LIMIT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .http1_only()
}

fn finish(builder: reqwest::ClientBuilder) -> Result<Client, ConfigError> {
    builder.build().map_err(|error| {
        let mut cause: &dyn std::error::Error = &error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        ConfigError::Tls(format!(
            "{cause}; install the system's CA certificates or name a file with --ca-file"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_has_several_names() {
        for (url, expected) in [
            ("http://localhost:1", true),
            ("http://LOCALHOST", true),
            ("http://127.0.0.1:9090/x", true),
            ("http://127.8.8.8", true),
            ("http://[::1]:1", true),
            ("http://localhost.example.org", false),
            ("http://10.0.0.1", false),
            ("http://[2001:db8::1]", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
