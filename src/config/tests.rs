//! Files, flags and environment to data sources, and that no secret comes out on the way.

use std::fs;
use std::path::PathBuf;

use clap::{CommandFactory, Parser};
use tempfile::TempDir;

use super::args::resolve_in;
use super::*;
use crate::theme::palettes::{DARK, LIGHT};
use crate::theme::{Marker, Rgb};

#[derive(Debug, Parser)]
struct Cli {
    #[command(flatten)]
    source: SourceArgs,
}

/// Resolves as on a machine with this configuration file, environment and command line.
fn settings(
    file: Option<&str>,
    env: &[(&str, &str)],
    line: &[&str],
) -> (TempDir, Result<Resolved, ConfigError>) {
    let home = TempDir::new().expect("a directory");
    let path = home.path().join("config.yaml");
    if let Some(text) = file {
        fs::write(&path, text).expect("written");
    }
    let args = Cli::try_parse_from(["promscope"].iter().chain(line)).expect("parses").source;
    let lookup = |name: &str| env.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
    let resolved = resolve_in(&args, &lookup, Some(path));
    (home, resolved)
}

fn source(file: Option<&str>, env: &[(&str, &str)], line: &[&str]) -> DataSource {
    settings(file, env, line).1.expect("resolves").default_source().clone()
}

/// The error, the directory taken out.
fn error(file: Option<&str>, env: &[(&str, &str)], line: &[&str]) -> String {
    let (home, resolved) = settings(file, env, line);
    resolved.expect_err("refused").to_string().replace(&format!("{}/", home.path().display()), "")
}

const FULL: &str = "\
datasources:
  - name: prod
    url: https://prometheus.example.org/prefix
    scrape_interval: 30s
    timeout: 5s
    basic_auth: { username: me, password: s3cret }
    headers: { X-Scope-OrgID: tenant-1 }
    tls: { ca_file: my-ca.pem, insecure_skip_verify: false, cert_file: /c.pem, key_file: /k.pem }
  - name: dev
    url: http://localhost:9091
    bearer_token_file: token
";

#[test]
fn without_anything_it_is_the_server_on_this_machine() {
    let source = source(None, &[], &[]);
    assert_eq!(source.url.as_str(), "http://localhost:9090/");
    assert_eq!((source.timeout_ms, source.scrape_interval_ms), (DEFAULT_TIMEOUT_MS, None));
    assert_eq!(source.auth, Auth::None);
    assert_eq!(source.title(), "http://localhost:9090");
}

#[test]
fn a_file_is_read_whole() {
    let (home, resolved) = settings(Some(FULL), &[], &[]);
    let resolved = resolved.expect("resolves");
    let prod = resolved.default_source();
    assert_eq!(prod.title(), "prod");
    assert_eq!(prod.url.as_str(), "https://prometheus.example.org/prefix");
    assert_eq!((prod.timeout_ms, prod.scrape_interval_ms), (5_000, Some(30_000)));
    let password = Credential::Given(Secret::from("s3cret"));
    assert_eq!(prod.auth, Auth::Basic { username: "me".to_owned(), password });
    assert_eq!(prod.headers["x-scope-orgid"], "tenant-1");
    assert_eq!(prod.tls.ca_file, Some(home.path().join("my-ca.pem")));
    assert_eq!(prod.tls.identity.as_ref().map(|identity| identity.key_file.clone()), Some("/k.pem".into()));
    let dev = resolved.named("dev").expect("there");
    assert_eq!(dev.auth, Auth::Bearer(Credential::File(home.path().join("token"))));
    assert_eq!(resolved.sources.len(), 2);
}

#[test]
fn flags_come_before_the_environment_and_that_before_the_file() {
    assert_eq!(source(Some(FULL), &[], &["--datasource", "dev"]).title(), "dev");
    assert_eq!(source(Some(FULL), &[("PROMETHEUS_URL", "other:1")], &[]).url.as_str(), "http://other:1/");
    let both = source(Some(FULL), &[("PROMETHEUS_URL", "http://other:1")], &["--url", "http://third:2"]);
    assert_eq!(both.url.as_str(), "http://third:2/");
    assert_eq!(both.headers.len(), 0);
    // The same address brings what the file says about it.
    let same = source(Some(FULL), &[], &["--url", "http://localhost:9091/"]);
    assert_eq!(same.title(), "dev");

    let user = |source: DataSource| match source.auth {
        Auth::Basic { username, password } => (username, password),
        other => panic!("{other:?}"),
    };
    let given = |text: &str| Credential::Given(Secret::from(text));
    let env = [("PROMSCOPE_USERNAME", "eve"), ("PROMSCOPE_PASSWORD", "pw")];
    assert_eq!(user(source(Some(FULL), &env, &[])), ("eve".to_owned(), given("pw")));
    assert_eq!(user(source(Some(FULL), &env, &["--username", "kay"])), ("kay".to_owned(), given("pw")));
    assert_eq!(user(source(Some(FULL), &[], &["--username", "kay"])), ("kay".to_owned(), given("s3cret")));
    let file = Credential::File(PathBuf::from("p"));
    assert_eq!(user(source(Some(FULL), &env, &["--password-file", "p"])), ("eve".to_owned(), file));
    let in_url = source(None, &env, &["--url", "https://a%40b:p%3Aw@h/x"]);
    assert_eq!(in_url.url.as_str(), "https://h/x");
    assert_eq!(user(in_url), ("a@b".to_owned(), given("p:w")));

    let token = source(Some(FULL), &[("PROMSCOPE_BEARER_TOKEN", "t")], &[]);
    assert_eq!(token.auth, Auth::Bearer(given("t")));
    let flags = ["--header", "x-scope-orgid: two", "--query-timeout", "1500ms", "--scrape-interval", "1m"];
    let flagged = source(Some(FULL), &[], &flags);
    assert_eq!(flagged.headers.get_all("X-Scope-OrgID").iter().collect::<Vec<_>>(), ["two"]);
    assert_eq!((flagged.timeout_ms, flagged.scrape_interval_ms), (1_500, Some(60_000)));
}

#[test]
fn errors_in_the_file_have_a_place_and_a_remedy() {
    let one = |rest: &str| format!("datasources:\n  - name: a\n    url: http://h\n{rest}");
    for (file, expected) in [
        ("datasource: []", "config.yaml:1:1: unknown key \"datasource\"; did you mean datasources?".to_owned()),
        (
            &one("    basic_auht: {}"),
            "config.yaml:4:5: unknown key \"basic_auht\"; did you mean basic_auth?".to_owned(),
        ),
        (&one("    timeout: soon"), "config.yaml:4:14: \"soon\" is not a duration; write numbers with units such as 30s, 5m, 1h30m, 7d".to_owned()),
        (&one("    timeout: 1h"), "config.yaml:4:14: \"1h\" is longer than 10m, the most that a query may take".to_owned()),
        (&one("  - name: a\n    url: http://i"), "config.yaml:4:11: a second data source is named \"a\"; rename one".to_owned()),
        (&one("    headers: { 'a b': x }"), "config.yaml:4:23: \"a b\" is not a header name; write letters, digits and hyphens".to_owned()),
        (&one("    tls: { cert_file: x }"), "config.yaml:4:10: cert_file and key_file are only of use together; give both".to_owned()),
        ("datasources:\n  - url: http://h", "config.yaml:2:5: the key name is missing".to_owned()),
        (
            "datasources:\n  - name: a\n    url: ftp://h",
            "config.yaml:3:10: \"ftp://h\" has the scheme ftp; only http and https can be asked".to_owned(),
        ),
    ] {
        assert_eq!(error(Some(file), &[], &[]), expected);
    }
    assert!(error(Some("datasources: [\n"), &[], &[]).starts_with("config.yaml:"));
    let many = |count: usize| {
        let entries = (0..count).map(|index| format!("  - {{ name: n{index}, url: 'http://h' }}\n"));
        format!("datasources:\n{}", entries.collect::<Vec<_>>().concat())
    };
    let most = settings(Some(&many(DATASOURCES_LIMIT)), &[], &[]).1.expect("resolves");
    assert_eq!(most.sources.len(), DATASOURCES_LIMIT);
    assert_eq!(
        error(Some(&many(DATASOURCES_LIMIT + 1)), &[], &[]),
        "config.yaml:102:13: there are at most 100 data sources; take some out"
    );
}

#[test]
fn the_one_in_use_is_the_first_and_all_others_may_be_named() {
    let file =
        "datasources: [{ name: a, url: http://a }, { name: b, url: http://b }, { name: c, url: http://c }]";
    let order = |line: &[&str]| {
        let resolved = settings(Some(file), &[], line).1.expect("resolves");
        resolved.sources.iter().map(|source| source.title().to_owned()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(order(&[]), "a b c");
    assert_eq!(order(&["--datasource", "b"]), "b a c");
    assert_eq!(order(&["--url", "http://c/"]), "c a b");
    assert_eq!(order(&["--url", "http://d"]), "http://d a b c");

    let home = TempDir::new().expect("a directory");
    let path = home.path().join("config.yaml");
    fs::write(&path, file).expect("written");
    let names = names(Some(&path)).expect("reads").expect("a file");
    assert_eq!(names, ["a", "b", "c"]);
    assert!(super::names(Some(&home.path().join("none.yaml"))).is_err(), "one that is named must be there");
}

#[test]
fn an_empty_file_and_an_absent_default_are_fine_but_a_named_one_must_be_there() {
    assert_eq!(source(Some("# nothing yet\n\n"), &[], &[]).title(), "http://localhost:9090");
    assert_eq!(
        error(None, &[], &["--config", "/nowhere/c.yaml"]),
        "configuration file /nowhere/c.yaml: does not exist"
    );
    assert_eq!(
        error(Some(FULL), &[], &["--datasource", "pord"]),
        "no data source is named \"pord\"; there are: prod, dev"
    );
}

#[test]
fn errors_of_flags_name_the_flag() {
    for (env, line, expected) in [
        (
            &[][..],
            &["--header", "s3cret"][..],
            "--header: has no colon; write 'Name: value', such as 'X-Scope-OrgID: tenant-1'",
        ),
        (
            &[],
            &["--header", "Content-Length: 3"],
            "--header: the header content-length is set by promscope itself; leave it out",
        ),
        (
            &[],
            &["--url", "http://me:s3cret@h?x"],
            "--url: \"http://***@h\" has a part behind ? or #; give only what stands before /api/v1",
        ),
        (
            &[],
            &["--url", "http://me:s3cret@h:99999"],
            "--url: \"http://***@h:99999\" is not an address (invalid port number); write it like http://localhost:9090",
        ),
        (
            &[],
            &["--username", "me"],
            "--username: has no password; give --password-file or set PROMSCOPE_PASSWORD",
        ),
        (
            &[("PROMSCOPE_PASSWORD", "s3cret")],
            &[],
            "PROMSCOPE_PASSWORD: has no user; give --username or set PROMSCOPE_USERNAME",
        ),
        (
            &[("PROMETHEUS_URL", "http://[")],
            &[],
            "PROMETHEUS_URL: \"http://[\" is not an address (invalid IPv6 address); write it like http://localhost:9090",
        ),
    ] {
        assert_eq!(error(None, env, line), expected);
    }
    assert!(
        error(None, &[], &["--url", "http://a:b@h", "--header", "Authorization: x"])
            .contains("keep one of the two")
    );
}

#[test]
fn no_error_and_no_print_shows_a_secret() {
    // A password in each place where a person might put it by mistake.
    for file in [
        "datasources:\n  - { name: a, url: http://h, basic_auth: 'me:s3cret' }",
        "datasources:\n  - { name: a, url: http://h, basic_auth: [s3cret] }",
        "datasources:\n  - { name: a, url: 'http://me:s3cret@h:x' }",
        "datasources:\n  - { name: a, url: 's3cret@/' }",
        "datasources:\n  - { name: a, url: http://h, headers: 's3cret' }",
        "datasources:\n  - { name: a, url: http://h, headers: { A: \"s3cret\\n\" , B: \"s3cret\\x01x\" } }",
        "datasources:\n  - { name: a, url: http://h, bearer_token: [s3cret] }",
        "datasources:\n  - { name: a, url: http://h, bearer_token: s3cret, bearer_token_file: x }",
        "datasources:\n  - { name: a, url: http://h, tls: s3cret }",
        "datasources:\n  - { name: a, url: http://h, bearer_token: @s3cret }",
        "datasources: s3cret",
        "s3cret",
    ] {
        let error = error(Some(file), &[], &[]);
        assert!(!error.contains("s3cret"), "{error}");
        assert!(error.starts_with("config.yaml:"), "{error}");
    }
    let flags = ["--url", "http://me:s3cret@h", "--header", "X-Key: s3cret"];
    let (_home, resolved) = settings(None, &[], &flags);
    let cli = Cli::try_parse_from(["promscope"].iter().chain(&flags)).expect("parses");
    for print in [
        format!("{cli:?}"),
        format!("{:?}", resolved.expect("resolves")),
        format!("{}", Secret::from("s3cret")),
    ] {
        assert!(!print.contains("s3cret"), "{print}");
    }
    assert!(!Cli::command().render_long_help().to_string().contains("[env: PROMSCOPE_PASSWORD="));
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_can_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let warnings = |text: &str, mode: u32| {
        let home = TempDir::new().expect("a directory");
        let path = home.path().join("config.yaml");
        fs::write(&path, text).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
        resolve_in(&SourceArgs::default(), &|_| None, Some(path)).expect("resolves").warnings.len()
    };
    assert_eq!(warnings(FULL, 0o644), 1);
    assert_eq!(warnings(FULL, 0o600), 0);
    assert_eq!(
        warnings("datasources:\n  - { name: a, url: http://h, headers: { X-Scope-OrgID: t } }", 0o644),
        0
    );
}

#[test]
fn credentials_are_read_from_files() {
    let home = TempDir::new().expect("a directory");
    let path = home.path().join("token");
    let read = |text: &str| {
        fs::write(&path, text).expect("written");
        Credential::File(path.clone()).read()
    };
    assert_eq!(read("t0ken\n"), Ok(Secret::from("t0ken")));
    for bad in ["", "\n", "a\nb", &"x".repeat(CREDENTIAL_LIMIT_BYTES as usize + 1)] {
        assert!(read(bad).is_err(), "{}", bad.len());
    }
}

fn view(text: &str) -> View {
    settings(Some(text), &[], &[]).1.expect("resolves").view
}

#[test]
fn the_picture_is_configured_beside_the_data() {
    let view = view(
        "theme: mine\nmarker: octant\nthemes:\n  mine:\n    base: light\n    background: '#fdf6e3'\n    \
                     dim: '#586e75'\n    series: ['#268bd2', '#dc322f']\n    colors: { green: '#859900' }\n",
    );
    assert_eq!(view.marker, Some(Marker::Octant));
    let Some(ThemeChoice::Palette(mine)) = view.theme else { panic!("a palette: {view:?}") };
    assert_eq!((mine.name, mine.paint, mine.background), ("mine", true, Rgb(0xfd, 0xf6, 0xe3)));
    assert_eq!((mine.dim.rgb, mine.series[1]), (Rgb(0x58, 0x6e, 0x75), Rgb(0xdc, 0x32, 0x2f)));
    assert_eq!((mine.named[0], mine.named[1]), (Rgb(0x85, 0x99, 0), LIGHT.named[1]));
    assert_eq!(mine.series[2], LIGHT.series[2], "what is not named is the base's");
    assert_eq!(view.theme("dark"), Ok(ThemeChoice::Palette(&DARK)));
    assert_eq!(view.theme("monochrome"), Ok(ThemeChoice::Monochrome));
    assert_eq!(view.theme("auto"), Ok(ThemeChoice::Auto));
}

#[test]
fn what_is_wrong_with_a_theme_is_told_with_its_place() {
    for (text, expected) in [
        (
            "theme: drak",
            "config.yaml:1:8: no theme is named \"drak\"; there are: dark, light, high-contrast, color-blind, \
             color-blind-light, monochrome, auto",
        ),
        (
            "marker: brail",
            "config.yaml:1:9: no marker is named \"brail\"; there are: braille, octant, quadrant, half-block, dot, ascii",
        ),
        (
            "themes:\n  a: { dim: reddish }",
            "config.yaml:2:13: \"reddish\" is no color; write '#rrggbb', or a name such as green or semi-dark-red",
        ),
        ("themes:\n  a: { dimm: red }", "config.yaml:2:8: unknown key \"dimm\"; did you mean dim?"),
        ("themes:\n  a: { series: [] }", "config.yaml:2:16: 0 colors; give 1 to 12"),
        ("themes:\n  a: { heat: [red] }", "config.yaml:2:14: 1 colors; give 7"),
        (
            "themes:\n  a: { base: b }",
            "config.yaml:2:14: no theme is named \"b\"; a base is one of: dark, light, high-contrast, color-blind, \
             color-blind-light",
        ),
        (
            "themes:\n  dark: { base: light }",
            "config.yaml:2:9: \"dark\" is a theme that ships; choose another name",
        ),
    ] {
        assert_eq!(error(Some(text), &[], &[]), expected, "{text}");
    }
    assert!(
        error(Some("themes:\n  a: { colors: { reed: red } }"), &[], &[])
            .starts_with("config.yaml:2:24: \"reed\" is no name")
    );
}
