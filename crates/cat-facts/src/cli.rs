//! The command line.

use std::{net::SocketAddr, time::Duration};

use cat_facts::{Config, DEFAULT_UPSTREAM_TIMEOUT, ErrorRatio, Latency, Upstream, UpstreamError};
use clap::{Parser, ValueEnum};
use tracing::level_filters::LevelFilter;

/// Tells random cat facts over HTTP, and measures itself for Prometheus.
#[derive(Debug, Parser)]
#[command(version)]
pub(crate) struct Cli {
    /// Address and port to listen on; 0.0.0.0 stands for all addresses, port 0 for any free one
    #[arg(long, value_name = "ADDRESS", env = "CAT_FACTS_LISTEN", default_value = "127.0.0.1:8000", value_parser = address)]
    pub(crate) listen: SocketAddr,

    /// Draw the same facts, latencies and errors on each start
    #[arg(long, value_name = "N")]
    seed: Option<u64>,

    /// Add latency to each fact: none, 20ms, uniform:5ms..50ms, normal:50ms,10ms (mean, deviation),
    /// lognormal:20ms,0.8 (median, sigma) or exp:30ms (mean); at most 10s
    #[arg(long, value_name = "SPEC", default_value = "none")]
    latency: Latency,

    /// Answer this share (0 to 1) of requests for a fact with an error
    #[arg(long, value_name = "SHARE", default_value = "0", allow_hyphen_values = true)]
    error_ratio: ErrorRatio,

    /// Ask this service first, such as <https://catfact.ninja/fact>; its answer is {"fact": "..."}
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,

    /// How many milliseconds the upstream is given to answer
    #[arg(long, value_name = "MS", default_value_t = DEFAULT_UPSTREAM_TIMEOUT.as_millis() as u64)]
    upstream_timeout_ms: u64,

    /// How the log is written to standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,

    /// How much is logged: off, error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", default_value = "info", value_parser = level)]
    pub(crate) log_level: LevelFilter,

    /// Ask the server that runs on the address of --listen whether it is healthy, instead of starting one
    #[arg(long)]
    pub(crate) healthcheck: bool,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines for people
    Text,
    /// One JSON object a line
    Json,
}

impl Cli {
    /// The settings of the application.
    pub(crate) fn config(&self) -> Result<Config, UpstreamError> {
        let timeout = Duration::from_millis(self.upstream_timeout_ms);
        let upstream = self.upstream.as_deref().map(|url| Upstream::new(url, timeout)).transpose()?;
        Ok(Config { seed: self.seed, latency: self.latency, error_ratio: self.error_ratio, upstream })
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| {
        "not an ip address and port; write one such as 127.0.0.1:8000, 0.0.0.0:8000 or [::1]:8000".into()
    })
}

fn level(text: &str) -> Result<LevelFilter, String> {
    match text {
        "off" => Ok(LevelFilter::OFF),
        "error" => Ok(LevelFilter::ERROR),
        "warn" => Ok(LevelFilter::WARN),
        "info" => Ok(LevelFilter::INFO),
        "debug" => Ok(LevelFilter::DEBUG),
        "trace" => Ok(LevelFilter::TRACE),
        _ => Err("no such level; write off, error, warn, info, debug or trace".into()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(arguments: &[&str]) -> Result<Cli, String> {
        Cli::try_parse_from([&["cat-facts"], arguments].concat()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn arguments_become_settings() {
        let cli = parse(&[
            "--listen=127.0.0.1:9",
            "--seed=7",
            "--latency=exp:30ms",
            "--error-ratio=0.25",
            "--upstream=http://cats.example/fact",
            "--upstream-timeout-ms=250",
            "--log-format=json",
            "--log-level=warn",
        ])
        .unwrap();
        assert_eq!(cli.listen, "127.0.0.1:9".parse().unwrap());
        assert_eq!((cli.log_format, cli.log_level), (LogFormat::Json, LevelFilter::WARN));
        let expected = Config {
            seed: Some(7),
            latency: Latency::Exponential { mean: Duration::from_millis(30) },
            error_ratio: ErrorRatio::new(0.25).unwrap(),
            upstream: Some(Upstream::new("http://cats.example/fact", Duration::from_millis(250)).unwrap()),
        };
        assert_eq!(cli.config().unwrap(), expected);
    }

    #[test]
    fn errors_name_value_place_and_remedy() {
        for (argument, message) in [
            (
                "--listen=here",
                "invalid value 'here' for '--listen <ADDRESS>': not an ip address and port; write ",
            ),
            (
                "--latency=20",
                "invalid value '20' for '--latency <SPEC>': latency \"20\", column 1: \"20\" lacks a unit; write ",
            ),
            (
                "--error-ratio=-1",
                "invalid value '-1' for '--error-ratio <SHARE>': error ratio \"-1\": not a number from 0 to 1; write ",
            ),
            ("--log-level=loud", "invalid value 'loud' for '--log-level <LEVEL>': no such level; write "),
        ] {
            let error = parse(&[argument]).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
        let error = parse(&["--upstream=cats.example"]).unwrap().config().unwrap_err().to_string();
        assert!(error.starts_with("upstream url \"cats.example\": "), "{error}");
    }
}
