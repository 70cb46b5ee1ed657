//! How targets are got into: credentials, TLS, redirects, proxy. No value of a secret ever comes into a message.

use std::path::Path;

use url::Url;

use super::fields::Fields;
use super::keys;
use super::yaml::Fault;
use super::{Auth, HttpClientConfig, Secret, TlsConfig};

/// The settings of a scrape config; paths are relative to `base_dir`.
pub(super) fn read(fields: &Fields<'_>, base_dir: &Path) -> Result<HttpClientConfig, Fault> {
    Ok(HttpClientConfig {
        auth: auth(fields, base_dir)?,
        tls: tls(fields, base_dir)?,
        follow_redirects: fields.flag("follow_redirects")?.unwrap_or(true),
        proxy_url: proxy_url(fields)?,
    })
}

/// What stands behind a key and its `_file`, of which there may be one.
fn secret(
    fields: &Fields<'_>,
    (key, file_key): (&str, &str),
    both: &str,
    base_dir: &Path,
) -> Result<Option<Secret>, Fault> {
    let inline = fields.text(key)?.filter(|text| !text.is_empty());
    let file = fields.text_at(file_key)?.filter(|(_, path)| !path.is_empty());
    match (inline, file) {
        (Some(_), Some((at, _))) => Err(Fault::new(at, both)),
        (Some(text), None) => Ok(Some(Secret::Inline(text.to_owned()))),
        (None, Some((_, path))) => Ok(Some(Secret::File(base_dir.join(path)))),
        (None, None) => Ok(None),
    }
}

fn auth(fields: &Fields<'_>, base_dir: &Path) -> Result<Auth, Fault> {
    let bearer = secret(
        fields,
        ("bearer_token", "bearer_token_file"),
        "at most one of bearer_token & bearer_token_file must be configured",
        base_dir,
    )?;
    let at_most_one =
        |at, message: &str| Err(Fault::new(at, format!("{message}; keep one kind of credentials")));
    if let Some(node) = fields.get("basic_auth") {
        if bearer.is_some() {
            return at_most_one(
                node.at,
                "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured",
            );
        }
        if fields.get("authorization").is_some() {
            return at_most_one(
                node.at,
                "at most one of basic_auth, oauth2 & authorization must be configured",
            );
        }
        let basic = Fields::open(node, &keys::BASIC_AUTH)?;
        let password = secret(
            &basic,
            ("password", "password_file"),
            "at most one of basic_auth password & password_file must be configured",
            base_dir,
        )?;
        return Ok(Auth::Basic {
            username: basic.text("username")?.unwrap_or_default().to_owned(),
            password: password.unwrap_or_else(|| Secret::Inline(String::new())),
        });
    }
    let Some(node) = fields.get("authorization") else {
        return Ok(
            bearer.map_or(Auth::None, |credentials| Auth::Credentials { kind: "Bearer".into(), credentials })
        );
    };
    if bearer.is_some() {
        return at_most_one(node.at, "authorization is not compatible with bearer_token & bearer_token_file");
    }
    let authorization = Fields::open(node, &keys::AUTHORIZATION)?;
    let credentials = secret(
        &authorization,
        ("credentials", "credentials_file"),
        "at most one of authorization credentials & credentials_file must be configured",
        base_dir,
    )?;
    let kind = authorization.text("type")?.unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("basic") {
        let at = authorization.get("type").map_or(node.at, |node| node.at);
        return Err(Fault::new(
            at,
            "authorization type cannot be set to \"basic\", use \"basic_auth\" instead",
        ));
    }
    Ok(Auth::Credentials {
        kind: if kind.is_empty() { "Bearer" } else { kind }.to_owned(),
        credentials: credentials.unwrap_or_else(|| Secret::Inline(String::new())),
    })
}

fn tls(fields: &Fields<'_>, base_dir: &Path) -> Result<TlsConfig, Fault> {
    let Some(node) = fields.get("tls_config") else { return Ok(TlsConfig::default()) };
    let tls = Fields::open(node, &keys::TLS)?;
    let path = |key: &str| -> Result<_, Fault> {
        Ok(tls.text(key)?.filter(|path| !path.is_empty()).map(|path| base_dir.join(path)))
    };
    let config = TlsConfig {
        ca_file: path("ca_file")?,
        cert_file: path("cert_file")?,
        key_file: path("key_file")?,
        server_name: tls.text("server_name")?.filter(|name| !name.is_empty()).map(str::to_owned),
        insecure_skip_verify: tls.flag("insecure_skip_verify")?.unwrap_or(false),
    };
    let half = match (&config.cert_file, &config.key_file) {
        (Some(cert), None) => Some(format!(
            "client cert file {:?} specified without client key file",
            cert.display().to_string()
        )),
        (None, Some(key)) => Some(format!(
            "client key file {:?} specified without client cert file",
            key.display().to_string()
        )),
        _ => None,
    };
    half.map_or(Ok(config), |message| Err(Fault::new(node.at, message)))
}

fn proxy_url(fields: &Fields<'_>) -> Result<Option<Url>, Fault> {
    let Some((at, text)) = fields.text_at("proxy_url")?.filter(|(_, text)| !text.is_empty()) else {
        return Ok(None);
    };
    // The address is not quoted: it may hold a password.
    let url = Url::parse(text).map_err(|error| {
        Fault::new(at, format!("`proxy_url` is no address: {error}; write http://host:port"))
    })?;
    if !url.has_host() {
        return Err(Fault::new(at, "`proxy_url` has no host; write http://host:port"));
    }
    Ok(Some(url))
}
